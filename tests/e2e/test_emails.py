"""The email of an account in a browser, on a site with a mail server."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person
from tests.rig.mail_server import MailServer, link_in, text_of
from tests.rig.site import Site, running_site
from tests.rig.site_store import forget_confirmed_email


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    site_ports: dict[str, int],
    mail_server: MailServer,
    mail_settings: dict[str, str],
) -> Iterator[Site]:
    """A site that sends mail, on which only users with a confirmed email may chat."""
    settings = {**mail_settings, "REQUIRE_CONFIRMED_EMAIL": "true"}
    with running_site(tmp_path_factory.mktemp("emails"), site_ports, settings) as site:
        site.mail_server = mail_server
        yield site


def email_of(name: str) -> str:
    return f"{name}@example.com"


async def ask_to_register(person: Person, name: str, email: str) -> None:
    """Send the first form of a registration."""
    await person.go("/register")
    await expect(person.page.get_by_role("button", name="Continue")).to_be_visible()
    await person.page.get_by_label("Username", exact=True).fill(name)
    await person.page.get_by_label("Email").fill(email)
    await person.page.get_by_role("button", name="Continue").click()


async def test_an_account_is_created_by_a_link_in_a_mail(
    site: Site, mail_server: MailServer, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await ask_to_register(person, name, email_of(name))
    sent = person.page.get_by_role("status").filter(has_text=f"We sent a mail to {email_of(name)}.")
    await expect(sent).to_be_visible()
    link = link_in(await mail_server.mail_to(email_of(name)))

    await person.page.goto(link)
    await expect(person.page.get_by_text(f"Your email is {email_of(name)}.")).to_be_visible()
    await expect(person.page.get_by_label("Username", exact=True)).to_have_value(name)
    password = person.page.get_by_label("Password", exact=True)
    await password.fill("password123")
    await person.page.get_by_role("button", name="Create account").click()
    await expect(person.page.locator("#password-error")).to_contain_text("easy to guess")
    await expect(password).to_be_focused()
    await password.fill(PASSWORD)
    await person.page.get_by_role("button", name="Create account").click()
    await expect(person.account_menu()).to_contain_text(name)

    await person.go("/settings/email")
    await expect(person.page.get_by_text("Confirmed", exact=True)).to_be_visible()
    await person.go(f"/c/{name}")
    await person.say("my email is confirmed")
    await person.sign_out()
    await person.page.goto(link)
    await expect(person.page.get_by_role("heading", name="This link doesn't work")).to_be_visible()
    assert link.partition("#")[2] not in site.process.output()


async def test_a_mistyped_email_is_corrected_after_the_mail_was_sent(
    mail_server: MailServer, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await ask_to_register(person, name, email_of("mistyped"))
    await person.page.get_by_role("button", name="Use another email").click()
    await expect(person.page.get_by_label("Username", exact=True)).to_have_value(name)
    await person.page.get_by_label("Email").fill(email_of(name))
    await person.page.get_by_role("button", name="Continue").click()

    await expect(person.page.get_by_text(f"We sent a mail to {email_of(name)}.")).to_be_visible()
    await person.page.goto(link_in(await mail_server.mail_to(email_of(name))))
    await expect(person.page.get_by_label("Username", exact=True)).to_have_value(name)


async def test_the_form_does_not_show_that_an_email_has_an_account(
    mail_server: MailServer, new_person: NewPerson, name: str
) -> None:
    ann, stranger = await new_person(), await new_person()
    await ann.register(name)

    await ask_to_register(stranger, f"{name}x9", email_of(name))

    sent = stranger.page.get_by_role("status").filter(has_text=f"We sent a mail to {email_of(name)}.")
    await expect(sent).to_be_visible()
    notice = await mail_server.mail_to(email_of(name), 2)
    assert notice["subject"].startswith("You already have an account")
    assert "/login" in text_of(notice, "html")


async def test_a_changed_email_is_confirmed_at_the_new_address_and_restored_at_the_old_one(
    mail_server: MailServer, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.register(name)
    new = f"new.{email_of(name)}"

    await person.go("/settings/email")
    field = person.page.get_by_label("New email")
    await field.fill("not an email")
    await person.page.get_by_role("button", name="Change email").click()
    await expect(person.page.locator("#email-error")).to_have_text("Enter a valid email, like name@example.com.")
    await expect(field).to_be_focused()
    await field.fill(new)
    await person.page.get_by_role("button", name="Change email").click()
    await expect(person.page.get_by_role("status").filter(has_text=f"We sent a mail to {new}.")).to_be_visible()
    notice = await mail_server.mail_to(email_of(name), 2)
    assert notice["subject"].startswith("Your email is being changed")

    await person.page.goto(link_in(await mail_server.mail_to(new)))
    await person.page.get_by_role("button", name="Use this email").click()
    await expect(person.page.get_by_role("heading", name="Your email was changed")).to_be_visible()
    await person.go("/login")
    await person.sign_in(new)
    await expect(person.account_menu()).to_contain_text(name)

    owner = await new_person()
    await owner.page.goto(link_in(notice))
    await owner.page.get_by_role("button", name="Keep this email").click()
    await expect(owner.page.get_by_role("heading", name="You keep your email")).to_be_visible()
    await person.go("/settings/email")
    await expect(person.page.get_by_role("heading", name="Welcome back")).to_be_visible()
    await person.sign_in(email_of(name))
    await expect(person.page.get_by_text(email_of(name), exact=True)).to_be_visible()


async def test_an_account_without_a_confirmed_email_chats_after_its_owner_confirmed_it(
    site: Site, mail_server: MailServer, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.register(name)
    await forget_confirmed_email(site, name)

    await person.go(f"/c/{name}")
    box = person.page.get_by_role("textbox", name="Message")
    await box.fill("hello")
    await box.press("Enter")
    await expect(person.page.get_by_text("Confirm your email first: open Settings, Email.")).to_be_visible()
    await person.go("/settings/security")
    await person.page.get_by_role("link", name="Open the settings of your email").click()
    await expect(person.page.get_by_text("Not confirmed")).to_be_visible()
    await person.page.get_by_role("button", name="Send the confirmation mail").click()
    await person.page.goto(link_in(await mail_server.mail_to(email_of(name), 2)))
    await person.page.get_by_role("button", name="Confirm email").click()
    await expect(person.page.get_by_role("heading", name="Your email is confirmed")).to_be_visible()

    await person.go(f"/c/{name}")
    await person.say("hello")
    await person.go("/settings/security")
    await expect(person.page.get_by_role("heading", name="Change password")).to_be_visible()
    await expect(person.page.get_by_role("link", name="Open the settings of your email")).to_have_count(0)
