"""Reports by viewers, and what the staff does about them."""

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.site import Site, operate


async def test_a_message_is_reported_and_deleted_by_the_staff(site: Site, new_person: NewPerson, name: str) -> None:
    owner, troll, viewer, admin = [await new_person() for _ in range(4)]
    for person, suffix in ((owner, ""), (troll, "-troll"), (viewer, "-viewer"), (admin, "-boss")):
        await person.register(f"{name}{suffix}")
    operate(site.environment, "admin", "promote", f"{name}-boss")
    await troll.go(f"/c/{name}")
    await troll.say("buy my things")
    await viewer.go(f"/c/{name}")
    await expect(viewer.chat_lines()).to_have_count(1)

    await viewer.chat_lines().first.hover()
    await viewer.page.locator("[data-message] .chat__act").first.click()
    await viewer.page.get_by_role("menuitem", name="Report message").click()
    await expect(viewer.page.get_by_text("buy my things")).to_be_visible()
    await viewer.page.get_by_role("button", name="Send report").click()
    await expect(viewer.page.locator("#reason-error")).to_have_text("Choose a reason.")
    await expect(viewer.page.get_by_label("Reason")).to_be_focused()
    await viewer.page.get_by_label("Reason").select_option("spam")
    await viewer.page.get_by_role("button", name="Send report").click()
    await expect(viewer.page.get_by_text("Your report was sent")).to_be_visible()

    await admin.go("/admin/reports")
    await expect(admin.page.get_by_text("buy my things")).to_be_visible()
    await admin.page.get_by_role("button", name="Delete message").click()
    await expect(admin.page.get_by_text("There are no open reports.")).to_be_visible()
    await expect(troll.page.locator(".chat__row .chat__text", has_text="buy my things")).to_have_count(0)


async def test_a_channel_is_reported_once_by_each_viewer(new_person: NewPerson, name: str) -> None:
    owner, viewer = await new_person(), await new_person()
    await owner.register(name)
    await viewer.register(f"{name}-viewer")

    for answer in ("Your report was sent", "You have reported this already."):
        await viewer.go(f"/c/{name}")
        await viewer.page.get_by_role("link", name="Report").click()
        await viewer.page.get_by_label("What do you report?").select_option("user")
        await viewer.page.get_by_label("Reason").select_option("impersonation")
        await viewer.page.get_by_role("button", name="Send report").click()
        await expect(viewer.page.get_by_text(answer)).to_be_visible()
