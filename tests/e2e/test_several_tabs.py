"""Several tabs of one browser, when the user authenticates again or signs out in one of them."""

from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person

NEW_PASSWORD = "a staple for each battery"


async def second_tab(person: Person, path: str) -> Person:
    """Open one more tab in the browser of ``person``."""
    tab = Person(person.site, person.context, await person.context.new_page())
    await tab.go(path)
    return tab


async def change_password(person: Person) -> None:
    await person.go("/settings/security")
    await person.page.get_by_label("Current password", exact=True).fill(PASSWORD)
    await person.page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    await person.page.get_by_role("button", name="Change password").click()
    await expect(person.page.get_by_text("Your password was changed.")).to_be_visible()


async def test_the_other_tabs_get_the_new_session_and_keep_the_typed_text(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    settings, chat = await second_tab(person, "/settings/profile"), await second_tab(person, f"/c/{name}")
    shown_name, message = settings.page.get_by_label("Display name"), chat.page.get_by_role("textbox", name="Message")
    await shown_name.fill("typed in another tab")
    await message.fill("typed in the chat")

    await change_password(person)

    await expect(settings.account_menu()).to_be_visible()
    await expect(shown_name).to_have_value("typed in another tab")
    await settings.page.get_by_role("button", name="Save").click()
    await expect(settings.page.get_by_text("Saved.")).to_be_visible()
    await expect(chat.account_menu()).to_be_visible()
    await expect(message).to_have_value("typed in the chat")
    await message.press("Enter")
    await expect(chat.chat_lines()).to_have_text(["typed in the chat"])


async def test_a_tab_of_a_user_who_signs_out_forgets_what_was_typed(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    await person.go("/")
    tab = await second_tab(person, "/settings/security")
    typed = tab.page.locator("#current_password")
    await tab.page.get_by_label("Current password", exact=True).fill(PASSWORD)

    await person.sign_out()

    await expect(tab.page.get_by_role("heading", name="You are signed out")).to_be_visible()
    await expect(typed).to_have_count(0)
    await person.go("/login")
    await person.sign_in(name)
    await expect(tab.account_menu()).to_be_visible()
    await expect(typed).to_have_value("")
