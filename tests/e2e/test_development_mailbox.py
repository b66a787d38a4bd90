"""The development mailbox in a browser, on a site without a mail server."""

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.site import Site

NEW_PASSWORD = "a staple for each battery"


async def test_links_in_the_mailbox_confirm_an_email_and_reset_a_password(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person = await new_person(viewport={"width": 1000, "height": 900})
    await person.register(name)
    await person.go("/settings/email")
    await person.page.get_by_role("button", name="Send the confirmation mail").click()
    await expect(person.page.get_by_text(f"A mail is on its way to {name}@example.com.")).to_be_visible()

    async with person.page.expect_popup() as opened:
        await person.page.get_by_role("link", name="development mailbox").click()
    mailbox = await opened.value
    mail = mailbox.frame_locator("iframe").first
    await expect(mail.get_by_text(f"Hello {name},")).to_be_visible()
    await expect(mailbox.get_by_role("heading", name="Development mailbox")).to_be_visible()
    confirm = mail.get_by_role("link", name="Confirm this email")
    await expect(confirm).to_be_visible()
    await confirm.click()
    await mailbox.get_by_role("button", name="Confirm email").click()
    await expect(mailbox.get_by_role("heading", name="Your email is confirmed")).to_be_visible()

    await person.sign_out()
    await person.go("/forgot-password")
    await person.page.get_by_label("Email").fill(f"{name}@example.com")
    await person.page.get_by_role("button", name="Send the link").click()
    await expect(person.page.get_by_role("link", name="development mailbox")).to_be_visible()
    await mailbox.goto(site.url + "/dev/mailbox")
    await mailbox.get_by_text("Plain text").first.click()
    await mailbox.locator("article").first.get_by_role("link").click()
    await mailbox.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    await mailbox.get_by_role("button", name="Save and sign in").click()
    await expect(mailbox.get_by_text(name).first).to_be_visible()
    assert "/dev/mailbox" in site.process.output()
