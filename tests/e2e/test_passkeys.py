"""Passkeys in Chromium, with its virtual authenticator."""

import pytest_asyncio
from playwright.async_api import CDPSession, expect

from tests.conftest import NewContext
from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.site import Site
from tests.rig.site_store import make_sign_ins_old

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest_asyncio.fixture(loop_scope="session")
async def person(site: Site, new_context: NewContext) -> Person:
    """A browser on the site's domain. The other tests use its IP address, on which passkeys do not work."""
    context = await new_context()
    return Person(site, context, await context.new_page(), url=f"http://localhost:{site.ports['HTTP_PORT']}")


async def add_authenticator(person: Person) -> CDPSession:
    """Give the person's browser an authenticator that stores passkeys and verifies its user."""
    session = await person.context.new_cdp_session(person.page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


async def add_passkey(person: Person, name: str) -> None:
    """Add a passkey in the settings."""
    await person.go("/settings/security")
    panel = person.page.get_by_role("region", name="Passkeys")
    await panel.get_by_label("Name").fill(name)
    await panel.get_by_role("button", name="Add a passkey").click()
    await expect(panel.get_by_role("listitem").filter(has_text=name)).to_contain_text("never used")


async def test_a_passkey_signs_in_without_a_password_until_it_is_removed(person: Person, name: str) -> None:
    await add_authenticator(person)
    await person.register(name)
    await add_passkey(person, "phone")
    await person.sign_out()

    await person.go("/login?next=/studio")
    await person.page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()
    await expect(person.account_menu()).to_contain_text(name)

    await person.go("/settings/security")
    panel = person.page.get_by_role("region", name="Passkeys")
    await expect(panel.get_by_role("listitem")).to_contain_text("last used")
    await panel.get_by_role("button", name="Remove phone").click()
    await panel.get_by_role("button", name="Remove passkey").click()
    await expect(panel.get_by_role("listitem")).to_have_count(0)
    await person.sign_out()
    await person.go("/login")
    await person.page.get_by_role("button", name="Sign in with a passkey").click()
    await expect(person.page.get_by_text("This passkey can't be used here.")).to_be_visible()
    await expect(person.account_menu()).to_have_count(0)


async def test_a_passkey_confirms_who_it_is_before_another_one_is_added(site: Site, person: Person, name: str) -> None:
    session = await add_authenticator(person)
    await person.register(name)
    await add_passkey(person, "phone")
    await make_sign_ins_old(site)

    panel = person.page.get_by_role("region", name="Passkeys")
    await panel.get_by_role("button", name="Add a passkey").click()
    await person.page.get_by_role("button", name="Use a passkey").click()
    await expect(panel.get_by_role("listitem")).to_contain_text("last used")
    # The page continues the interrupted action.
    await expect(person.page.get_by_text("This device has a passkey for your account already.")).to_be_visible()

    await session.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, "transport": "usb"}})
    await panel.get_by_label("Name").fill("key ring")
    await panel.get_by_role("button", name="Add a passkey").click()
    await expect(panel.get_by_role("listitem")).to_have_count(2)


async def test_a_browser_without_a_passkey_says_so(person: Person, name: str) -> None:
    session = await person.context.new_cdp_session(person.page)
    await session.send("WebAuthn.enable")
    no_user = {**AUTHENTICATOR, "isUserVerified": False}
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": no_user})

    await person.go("/login")
    await person.page.get_by_role("button", name="Sign in with a passkey").click()

    await expect(person.page.get_by_text("No passkey was used.")).to_be_visible()
    await expect(person.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True)).to_be_enabled()


async def test_on_an_ip_address_the_settings_say_why_there_are_no_passkeys(new_person: NewPerson, name: str) -> None:
    visitor = await new_person()
    await visitor.register(name)

    await visitor.go("/settings/security")

    panel = visitor.page.get_by_role("region", name="Passkeys")
    await expect(panel).to_contain_text("Passkeys need a domain name.")
    await expect(panel.get_by_role("button")).to_have_count(0)
    await visitor.sign_out()
    await visitor.go("/login")
    await expect(visitor.page.get_by_label("Username or email")).to_be_visible()
    await expect(visitor.page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
