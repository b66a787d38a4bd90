"""Accounts in a browser: forms that keep typed values, and pages that require a sign-in."""

import re

from playwright.async_api import Cookie, expect

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person
from tests.rig.conditions import until
from tests.rig.site import Site
from tests.rig.site_accounts import create_account
from tests.rig.site_store import store_outage

RECORDER_OUTAGE = re.compile(
    r"The recorder failed and is tried again every 1 s: (the store does not answer|the time limit passed|no server)"
)
OUTAGE_MS = 90_000
"""MongoDB's driver waits 20 s for an answer, and then for a server that does."""


async def test_a_form_shows_its_errors_and_keeps_its_values(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await create_account(person.site, name)

    await person.go("/register")
    await person.page.get_by_label("Username", exact=True).fill(name.upper())
    await person.page.get_by_label("Email").fill("not an address")
    await person.page.get_by_label("Password", exact=True).fill("short")
    await person.page.get_by_role("button", name="Create account").click()
    await expect(person.page.locator(".field__error:not(:empty)").first).to_be_visible()
    await expect(person.page.get_by_label("Email")).to_have_value("not an address")
    await expect(person.page.get_by_label("Email")).to_be_focused()

    await person.page.get_by_label("Email").fill(f"other-{name}@example.com")
    await person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await person.page.get_by_role("button", name="Create account").click()
    await expect(person.page.locator("#username-error")).to_have_text("This username is taken. Choose another.")
    await expect(person.page.get_by_label("Username", exact=True)).to_have_value(name.upper())


async def test_a_form_sent_during_a_store_outage_keeps_its_values_and_works_later(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.go("/register")
    await person.page.get_by_label("Username", exact=True).fill(name)
    await person.page.get_by_label("Email").fill(f"{name}@example.com")
    await person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    send = person.page.get_by_role("button", name="Create account")

    before, tracebacks = recorder_outages(site), site.logged().count("Traceback")
    with store_outage(site):
        await send.click()
        await expect(person.page.locator(".form__error")).to_contain_text("Try again shortly", timeout=OUTAGE_MS)
        await until(lambda: recorder_outages(site) > before, "the recorder failed")
    await expect(send).to_be_enabled()
    await expect(person.page.get_by_label("Username", exact=True)).to_have_value(name)
    await expect(person.page.get_by_label("Password", exact=True)).to_have_value(PASSWORD)
    await send.click()

    await expect(person.account_menu()).to_contain_text(name)
    assert site.logged().count("Traceback") == tracebacks


def recorder_outages(site: Site) -> int:
    """Return how often the recorder has logged that the store failed."""
    return len(RECORDER_OUTAGE.findall(site.logged()))


async def test_a_protected_page_asks_for_a_sign_in_and_opens_after_it(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await create_account(person.site, name)

    await person.go("/studio")
    await expect(person.page).to_have_url(f"{person.site.url}/login?next=/studio")
    await person.sign_in(name, "wrong password")
    await expect(person.page.get_by_text("Wrong username or password.")).to_be_visible()
    await person.sign_in(f"{name.upper()}@EXAMPLE.com")

    await expect(person.page).to_have_url(f"{person.site.url}/studio")
    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()


async def test_signing_out_in_one_tab_signs_out_the_other(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register_by_form(name)
    studio = await person.context.new_page()
    await studio.goto(f"{person.site.url}/studio")
    await expect(studio.get_by_role("heading", name="Studio", exact=True)).to_be_visible()

    await person.sign_out()

    await expect(studio.get_by_role("heading", name="Studio", exact=True)).to_have_count(0)
    assert [cookie for cookie in await person.context.cookies() if "session" in cookie.get("name", "")] == []


async def test_deleting_the_cookie_signs_out_and_signing_in_sets_a_new_one(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register_by_form(name)
    first = await _session_cookie(person)

    await person.context.clear_cookies()
    await person.go("/studio")
    await person.sign_in(name)
    await expect(person.account_menu()).to_be_visible()

    second = await _session_cookie(person)
    assert first.get("httpOnly")
    assert second.get("sameSite") == "Lax"
    assert second.get("value") != first.get("value")


async def test_a_forged_cookie_means_signed_out(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register_by_form(name)
    cookie = await _session_cookie(person)
    forged = cookie.get("value", "")[:-4] + "AAAA"
    await person.context.add_cookies(
        [{"name": cookie.get("name", ""), "value": forged, "url": person.site.url, "httpOnly": True}]
    )

    await person.go("/studio")

    await expect(person.page).to_have_url(f"{person.site.url}/login?next=/studio")


async def _session_cookie(person: Person) -> Cookie:
    [cookie] = [cookie for cookie in await person.context.cookies() if cookie.get("name") == SESSION_COOKIE]
    return cookie
