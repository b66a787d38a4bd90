"""Signing in with an authenticator app and with recovery codes, in Chromium."""

from datetime import timedelta

from playwright.async_api import expect
from pyotp.totp import TOTP

from streaming_app.backend.bootstrap import now
from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person

LATER = timedelta(seconds=30)
"""The code of the setup was used, so the next sign-in takes the next code, which is accepted already."""


async def set_up_app(person: Person) -> tuple[TOTP, list[str]]:
    """Add an authenticator app in the settings. Return the app and the recovery codes."""
    page = person.page
    await person.go("/settings/security")
    await page.get_by_role("link", name="Set up an authenticator app").click()
    await expect(page.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    key = page.get_by_label("Setup key", exact=True)
    await expect(key).not_to_have_value("")
    app = TOTP((await key.input_value()).replace(" ", ""))
    await page.get_by_label("6-digit code").fill("000000")
    await page.get_by_role("button", name="Turn on").click()
    await expect(page.locator("#code-error")).to_contain_text("Wrong code.")
    await expect(page.get_by_label("6-digit code")).to_be_focused()
    await page.get_by_label("6-digit code").fill(app.at(now()))
    await page.get_by_role("button", name="Turn on").click()
    await expect(page.get_by_text("Two-step sign-in is on.")).to_be_visible()
    codes = await page.locator(".recovery-codes li").all_inner_texts()
    return app, codes


async def enter_code(person: Person, code: str) -> None:
    """Fill in the form of the second step."""
    await person.page.get_by_label("Code of your authenticator app").fill(code)
    await person.page.get_by_role("main").get_by_role("button", name="Sign in").click()


async def test_a_sign_in_with_an_authenticator_app_needs_its_code(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    app, codes = await set_up_app(person)
    assert len(codes) == 10
    async with person.page.expect_download() as download:
        await person.page.get_by_role("link", name="Download recovery codes").click()
    assert (await (await download.value).path()).read_text("utf-8").split("\n") == codes
    await person.page.get_by_role("link", name="I have saved the codes").click()
    await expect(person.page.get_by_role("region", name="Two-step sign-in")).to_contain_text("recovery codes left: 10")
    await person.sign_out()

    await person.go("/login?next=/studio")
    await person.sign_in(name)
    await expect(person.page.get_by_text(f"You are signing in as {name}.")).to_be_visible()
    await expect(person.account_menu()).to_have_count(0)
    await enter_code(person, "000000")
    await expect(person.page.locator("#code-error")).to_contain_text("Wrong code.")
    await expect(person.page.get_by_label("Code of your authenticator app")).to_be_focused()
    await person.page.reload()
    await enter_code(person, app.at(now() + LATER))

    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()
    await expect(person.account_menu()).to_contain_text(name)


async def test_a_recovery_code_signs_in_once_and_new_ones_replace_it(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    _, codes = await set_up_app(person)
    await person.sign_out()
    await person.go("/login")
    await person.sign_in(name)
    await enter_code(person, codes[4])
    await expect(person.account_menu()).to_contain_text(name)

    await person.go("/settings/security")
    panel = person.page.get_by_role("region", name="Two-step sign-in")
    await expect(panel).to_contain_text("recovery codes left: 9")
    await panel.get_by_role("button", name="New recovery codes").click()
    await panel.get_by_role("button", name="Create codes").click()
    await expect(panel).to_contain_text("recovery codes left: 10")
    new = await panel.locator(".recovery-codes li").all_inner_texts()
    await person.sign_out()
    await person.go("/login")
    await person.sign_in(name)
    for used in (codes[4], codes[5]):
        await enter_code(person, used)
        await expect(person.page.locator("#code-error")).to_contain_text("Wrong code.")
        await expect(person.page.get_by_label("Code of your authenticator app")).to_be_focused()
        await person.page.reload()
    await enter_code(person, new[0])
    await expect(person.account_menu()).to_contain_text(name)


async def test_two_step_sign_in_is_turned_off(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    await set_up_app(person)
    await person.go("/settings/security")
    panel = person.page.get_by_role("region", name="Two-step sign-in")
    await panel.get_by_role("button", name="Turn off two-step sign-in").click()
    await panel.get_by_role("button", name="Turn off", exact=True).click()
    await expect(panel.get_by_role("link", name="Set up an authenticator app")).to_be_visible()
    await person.sign_out()

    await person.go("/login")
    await person.sign_in(name, PASSWORD)
    await expect(person.account_menu()).to_contain_text(name)


async def test_a_second_step_without_a_first_one_offers_to_start_again(new_person: NewPerson) -> None:
    person = await new_person()

    await person.go("/login/code#unknown")

    await expect(person.page.get_by_role("heading", name="Sign in again")).to_be_visible()
