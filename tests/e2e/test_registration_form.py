"""The registration form in a browser: the strength of the password, and usernames that look alike."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(new_person: NewPerson) -> Person:
    """Somebody on the registration page."""
    person = await new_person()
    await person.go("/register")
    return person


async def test_the_strength_of_a_password_is_shown_while_it_is_typed(visitor: Person) -> None:
    page = visitor.page
    requests: list[str] = []
    field, strength = page.get_by_label("Password", exact=True), page.locator(".strength__words")
    await page.get_by_label("Username", exact=True).fill("Marguerite")
    await expect(strength).to_be_empty()

    for typed, words in (
        ("short", "Too short"),
        ("password", "Very easy to guess"),
        ("marguerite1", "Easy to guess"),
        ("correct horse battery", "Very hard to guess"),
    ):
        await field.fill(typed)
        await expect(strength).to_have_text(words)
    page.on("request", lambda request: requests.append(request.url))
    await field.fill("xK9#mQ2$vL")
    await expect(strength).to_have_text("Hard to guess")
    await field.fill("")
    await expect(strength).to_be_empty()

    assert requests == [], "the password is estimated in the browser"
    assert await strength.get_attribute("role") == "status"


@pytest.mark.parametrize("width", [320, 1440])
async def test_the_submit_button_stays_under_the_pointer_while_the_strength_appears(
    visitor: Person, width: int
) -> None:
    page = visitor.page
    await page.set_viewport_size({"width": width, "height": 900})
    field, strength = page.get_by_label("Password", exact=True), page.locator(".strength__words")
    button = page.get_by_role("button", name="Create account")
    await expect(button).to_be_enabled()
    before = await button.bounding_box()

    for typed, words in (("short", "Too short"), (PASSWORD, "Very hard to guess")):
        await field.fill(typed)
        await expect(strength).to_have_text(words)

        assert await button.bounding_box() == before


async def test_an_easy_password_is_refused_by_the_servers_rule_only(visitor: Person, name: str) -> None:
    page = visitor.page
    await page.get_by_label("Username", exact=True).fill(name)
    await page.get_by_label("Email").fill(f"{name}@example.com")
    await page.get_by_label("Password", exact=True).fill("iloveyou1")
    await expect(page.locator(".strength__words")).to_have_text("Easy to guess")
    await page.get_by_role("button", name="Create account").click()
    await expect(page.locator("#password-error")).to_contain_text("Many people use this password")
    await expect(page.get_by_label("Password", exact=True)).to_be_focused()

    await page.get_by_label("Password", exact=True).fill("iloveyoualot")
    await expect(page.locator(".strength__words")).to_have_text("Could be guessed")
    await page.get_by_role("button", name="Create account").click()

    await expect(visitor.account_menu()).to_be_visible()


async def test_a_username_that_looks_like_another_one_is_refused_beside_the_field(
    visitor: Person, new_person: NewPerson, name: str
) -> None:
    other = await new_person()
    await other.register(f"{name}-o1")
    page = visitor.page

    await page.get_by_label("Email").fill(f"{name}@example.org")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    for taken in (f"{name}0I", f"{name}_ol"):
        await page.get_by_label("Username", exact=True).fill(taken)
        await page.get_by_role("button", name="Create account").click()
        await expect(page.locator("#username-error")).to_have_text(
            "This username looks like the name of another account. Choose another."
        )
        await expect(page.get_by_label("Username", exact=True)).to_be_focused()
    await page.get_by_label("Username", exact=True).fill(f"{name}-official")
    await page.get_by_role("button", name="Create account").click()
    await expect(page.locator("#username-error")).to_contain_text("This name is reserved")

    await expect(page.get_by_label("Password", exact=True)).to_have_value(PASSWORD)
