"""Passwords, sessions and emails of accounts in browsers, on a site with a mail server."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person
from tests.rig.mail_server import MailServer, link_in, text_of
from tests.rig.site import Site, operate, running_site
from tests.rig.site_store import forget_confirmed_email, make_sign_ins_old

NEW_PASSWORD = "a staple for each battery"


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    site_ports: dict[str, int],
    mail_server: MailServer,
    mail_settings: dict[str, str],
) -> Iterator[Site]:
    """A site that sends mail, on which only users with a confirmed email may chat."""
    settings = {**mail_settings, "REQUIRE_CONFIRMED_EMAIL": "true"}
    with running_site(tmp_path_factory.mktemp("mail"), site_ports, settings) as site:
        site.mail_server = mail_server
        yield site


def email_of(name: str) -> str:
    return f"{name}@example.com"


async def change(person: Person, current: str, new: str) -> None:
    """Fill in the form of the settings page, which must be open."""
    await person.page.get_by_label("Current password", exact=True).fill(current)
    await person.page.get_by_label("New password", exact=True).fill(new)
    await person.page.get_by_role("button", name="Change password").click()


async def create_api_token(person: Person) -> None:
    """Create a token on the settings page for tokens, which must be open."""
    await person.page.get_by_label("Name", exact=True).fill("quiz bot")
    await person.page.get_by_label("Post chat messages as you").check()
    await person.page.get_by_role("button", name="Create token").click()


async def session_token(person: Person) -> str:
    """Return the session cookie of the browser."""
    [token] = [each.get("value", "") for each in await person.context.cookies() if each.get("name") == SESSION_COOKIE]
    return token


async def ask_to_register(person: Person, name: str, email: str) -> None:
    """Send the first form of a registration."""
    await person.go("/register")
    await expect(person.page.get_by_role("button", name="Continue")).to_be_visible()
    await person.page.get_by_label("Username", exact=True).fill(name)
    await person.page.get_by_label("Email").fill(email)
    await person.page.get_by_role("button", name="Continue").click()


async def test_a_changed_password_signs_other_browsers_out(new_person: NewPerson, name: str) -> None:
    laptop, phone = await new_person(), await new_person()
    await laptop.register(name)
    await phone.go("/login?next=/studio")
    await phone.sign_in(name)
    await expect(phone.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()

    await laptop.account_menu().click()
    await laptop.page.get_by_role("link", name="Settings").click()
    entry = laptop.page.get_by_role("navigation", name="Settings").get_by_role("link", name="Password and security")
    await entry.click()
    await expect(entry).to_have_attribute("aria-current", "page")
    await change(laptop, "not my password", NEW_PASSWORD)
    await expect(laptop.page.locator("#current_password-error")).to_have_text("Wrong password.")
    await expect(laptop.page.get_by_label("Current password", exact=True)).to_be_focused()
    await expect(laptop.page.get_by_label("New password", exact=True)).to_have_value(NEW_PASSWORD)
    await change(laptop, PASSWORD, NEW_PASSWORD)

    await expect(laptop.page.get_by_text("Your password was changed.")).to_be_visible()
    await expect(laptop.account_menu()).to_contain_text(name)
    await expect(phone.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await phone.go("/login")
    await phone.sign_in(name)
    await expect(phone.page.get_by_text("Wrong username or password.")).to_be_visible()
    await phone.sign_in(name, NEW_PASSWORD)
    await expect(phone.account_menu()).to_contain_text(name)


async def _choose_password(person: Person, label: str, password: str, button: str) -> None:
    """Send the form with a weak password, which is refused, and then with ``password``."""
    field = person.page.get_by_label(label, exact=True)
    send = person.page.get_by_role("button", name=button)
    await field.fill("password123")
    await send.click()
    await expect(person.page.locator("#password-error")).to_contain_text("easy to guess")
    await expect(field).to_be_focused()
    await field.fill(password)
    await send.click()


async def test_a_forgotten_password_is_reset_by_a_link_from_the_operator(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.register(name)
    await person.sign_out()
    link = operate(site.environment, "admin", "reset-link", name).splitlines()[0]
    path = link[link.index("/reset-password") :]

    await person.go(path)
    await expect(person.page.get_by_text(f"For the account {name}.")).to_be_visible()
    await _choose_password(person, "New password", NEW_PASSWORD, "Save and sign in")
    await expect(person.account_menu()).to_contain_text(name)

    await person.go("/")
    await person.go(path)
    await expect(person.page.get_by_role("heading", name="This link doesn't work")).to_be_visible()
    assert link.partition("#")[2] not in site.process.output()


async def test_another_browser_is_signed_out_from_the_list_of_sessions(new_person: NewPerson, name: str) -> None:
    laptop, phone = await new_person(), await new_person()
    await laptop.register(name)
    await phone.go("/login?next=/studio")
    await phone.sign_in(name)
    await expect(phone.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()

    await laptop.go("/settings/security")
    sessions = laptop.page.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
    await expect(sessions).to_have_count(2)
    await expect(sessions.first).to_contain_text("This browser")
    await sessions.last.get_by_role("button", name="Sign out").click()

    await expect(sessions).to_have_count(1)
    await expect(phone.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await expect(laptop.account_menu()).to_contain_text(name)


async def test_a_forgotten_password_is_reset_by_a_link_in_a_mail(
    site: Site, mail_server: MailServer, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.register(name)
    await person.sign_out()

    await person.go("/login")
    await person.page.get_by_role("link", name="Forgot your password?").click()
    await person.page.get_by_label("Email").fill(f"{name}@example")
    await person.page.get_by_role("button", name="Send the link").click()
    await expect(person.page.locator("#email-error")).to_have_text("Enter a valid email, like name@example.com.")
    await expect(person.page.get_by_label("Email")).to_be_focused()
    await person.page.get_by_label("Email").fill(email_of(name))
    await person.page.get_by_role("button", name="Send the link").click()
    await expect(person.page.get_by_role("status").filter(has_text=email_of(name))).to_be_visible()

    link = link_in(await mail_server.mail_to(email_of(name), 2))
    await person.page.goto(link)
    await person.page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    await person.page.get_by_role("button", name="Save and sign in").click()

    await expect(person.account_menu()).to_contain_text(name)
    notice = await mail_server.mail_to(email_of(name), 3)
    assert notice["subject"].startswith("Your password was changed")
    assert link.partition("#")[2] not in site.process.output()


async def test_after_a_while_the_site_asks_for_the_password_and_then_creates_the_api_token(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.register(name)
    await make_sign_ins_old(site)

    await person.go("/settings/tokens")
    before = await session_token(person)
    await create_api_token(person)
    await expect(person.page.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    password = person.page.get_by_label("Password", exact=True)
    await password.fill("not my password")
    await person.page.get_by_role("button", name="Continue").click()
    await expect(person.page.locator("#password-error")).to_have_text("Wrong password.")
    await expect(password).to_be_focused()
    await password.fill(PASSWORD)
    await person.page.get_by_role("button", name="Continue").click()

    await expect(person.page.get_by_role("heading", name="API tokens", exact=True)).to_be_visible()
    assert await session_token(person) != before
    await expect(person.page.get_by_role("textbox", name="API token")).to_have_value(re.compile("^sat_"))
    await person.page.reload()
    await expect(person.page.get_by_role("listitem").filter(has_text="quiz bot")).to_have_count(1)


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
    await _choose_password(person, "Password", PASSWORD, "Create account")
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
