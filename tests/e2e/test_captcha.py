"""The captcha's widget in the registration form, with a script that takes the place of the provider's."""

from collections.abc import Iterator

import pytest
from playwright.async_api import Route, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person
from tests.rig.captcha_server import SECRET, SITE_KEY, CaptchaServer
from tests.rig.serving import serving
from tests.rig.site import Site, running_site

WIDGET = """
let answers = 0;
window.hcaptcha = {
  render: (place, { sitekey }) => {
    const button = document.createElement("button");
    const field = document.createElement("textarea");
    Object.assign(button, { type: "button", textContent: "I am human" });
    Object.assign(field, { name: "h-captcha-response", hidden: true });
    button.onclick = () => { field.value = `answer-${++answers}`; };
    button.dataset.key = sitekey;
    place.append(button, field);
    return "widget";
  },
  reset: () => {},
  remove: () => {},
};
window[new URL(document.currentScript.src).searchParams.get("onload")]();
"""
"""A script with the functions of hCaptcha's that the page uses, and the field that it adds to a form."""


@pytest.fixture(scope="module")
def provider() -> CaptchaServer:
    return CaptchaServer()


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int], provider: CaptchaServer
) -> Iterator[Site]:
    """A site with a captcha."""
    settings = {
        "CAPTCHA_PROVIDER": "hcaptcha",
        "CAPTCHA_SITE_KEY": SITE_KEY,
        "CAPTCHA_SECRET": SECRET,
        "CAPTCHA_VERIFY_URL": provider.url,
    }
    with running_site(tmp_path_factory.mktemp("captcha"), site_ports, settings) as site:
        yield site


async def load_widget(person: Person) -> None:
    async def answer(route: Route) -> None:
        headers = {"access-control-allow-origin": "*"}
        await route.fulfill(body=WIDGET, content_type="text/javascript", headers=headers)

    await person.context.route("https://js.hcaptcha.com/**", answer)


async def test_a_registration_needs_the_answer_of_the_widget(
    new_person: NewPerson, provider: CaptchaServer, name: str
) -> None:
    person = await new_person()
    await load_widget(person)
    await person.go("/register")
    page = person.page
    await page.get_by_label("Username", exact=True).fill(name)
    await page.get_by_label("Email").fill(f"{name}@example.com")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    provider.valid = {"answer-2"}

    async with serving(provider.app(), provider.port):
        submit, widget = page.get_by_role("button", name="Create account"), page.get_by_text("I am human")
        await submit.click()
        await expect(page.locator("#captcha-error")).to_have_text("Confirm that you are human.")
        await widget.click()
        await submit.click()
        await expect(page.locator("#captcha-error")).to_contain_text("has expired or failed")
        await expect(page.get_by_label("Password", exact=True)).to_have_value(PASSWORD)
        await widget.click()
        await submit.click()
        await expect(person.account_menu()).to_be_visible()

    assert await widget.count() == 0
    assert [form["response"] for form in provider.forms] == ["answer-1", "answer-2"]


async def test_an_accepted_answer_is_kept_while_the_fields_are_corrected(
    new_person: NewPerson, provider: CaptchaServer, name: str
) -> None:
    person = await new_person()
    await load_widget(person)
    await person.go("/register")
    page = person.page
    await page.get_by_label("Username", exact=True).fill("x")
    await page.get_by_label("Email").fill(f"{name}@example.com")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    provider.valid = {"answer-1"}

    async with serving(provider.app(), provider.port):
        submit, widget = page.get_by_role("button", name="Create account"), page.get_by_text("I am human")
        await widget.click()
        await submit.click()
        await expect(page.locator("#username-error")).to_have_text("Use 3 to 25 characters.")
        await expect(page.get_by_label("Username", exact=True)).to_be_focused()
        await expect(widget).to_have_count(0)
        await page.get_by_label("Username", exact=True).fill(name)
        await submit.click()
        await expect(person.account_menu()).to_be_visible()


async def test_a_widget_that_cannot_be_loaded_is_reported(new_person: NewPerson) -> None:
    person = await new_person()
    await person.context.route("https://js.hcaptcha.com/**", lambda route: route.abort())

    await person.go("/forgot-password")

    await expect(person.page.get_by_role("alert").filter(has_text="couldn't be loaded")).to_contain_text(
        "Allow js.hcaptcha.com and reload."
    )
