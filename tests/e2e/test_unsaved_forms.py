"""Text typed in a form stays when the server creates the page's state again."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.e2e.conftest import NewPerson
from tests.e2e.lost_sockets import EventSocket
from tests.e2e.people import PASSWORD, Person
from tests.rig.pictures import still
from tests.rig.site import Site

STUDIO = {"Title": "unsaved title", "Category (optional)": "unsaved category"}
TOKEN = {"Name": "unsaved bot"}
RULES = {"Slow mode": "17", "Blocked terms": "spam*\nscam", "Allowed domains": "example.com"}
PEOPLE = {"Add a moderator": "somebody", "Who": "somebody else", "Reason (optional)": "spam"}


async def type_all(page: Page, typed: dict[str, str]) -> None:
    for label, text in typed.items():
        await page.get_by_label(label, exact=True).fill(text)


async def expect_all(page: Page, typed: dict[str, str]) -> None:
    for label, text in typed.items():
        await expect(page.get_by_label(label, exact=True)).to_have_value(text)


async def owner(new_person: NewPerson, name: str, path: str) -> tuple[Person, EventSocket]:
    person = await new_person()
    await person.register(name)
    await person.go("/")
    socket = await EventSocket.of(person.page)
    await person.go(path)
    return person, socket


async def test_the_studio_keeps_unsaved_values_and_saves_them(new_person: NewPerson, name: str) -> None:
    person, socket = await owner(new_person, name, "/studio")
    await type_all(person.page, STUDIO)

    for _ in range(2):
        await socket.replace()
    await expect_all(person.page, STUDIO)
    await person.page.locator("form", has=person.page.get_by_label("Title")).get_by_role("button").click()
    await expect(person.page.get_by_text("Saved. Viewers see it now.")).to_be_visible()

    await expect_all(person.page, STUDIO)
    await person.page.reload()
    await expect_all(person.page, STUDIO)


async def test_the_form_for_a_token_keeps_unsaved_values_and_is_empty_afterwards(
    new_person: NewPerson, name: str
) -> None:
    person, socket = await owner(new_person, name, "/settings/tokens")
    await type_all(person.page, TOKEN)
    await person.page.get_by_label("Post chat messages as you").check()

    await socket.replace()
    await expect_all(person.page, TOKEN)
    await expect(person.page.get_by_label("Post chat messages as you")).to_be_checked()
    await person.page.get_by_role("button", name="Create token").click()

    await expect(person.page.get_by_label("API token", exact=True)).to_be_visible()
    await expect_all(person.page, {"Name": ""})
    await expect(person.page.get_by_label("Post chat messages as you")).not_to_be_checked()


async def test_an_unsaved_emote_is_kept(new_person: NewPerson, name: str, tmp_path: Path) -> None:
    (tmp_path / "red.png").write_bytes(still("PNG"))
    person, socket = await owner(new_person, name, "/studio")
    form = person.page.get_by_role("form", name="Add an emote")
    await form.locator("input[type=file]").set_input_files(tmp_path / "red.png")
    await form.get_by_label("Name").fill("reddish")

    await socket.replace()

    await expect(form.get_by_text("red.png")).to_be_visible()
    await expect(form.get_by_label("Name")).to_have_value("reddish")


async def test_the_moderation_page_keeps_unsaved_values(new_person: NewPerson, name: str) -> None:
    person, socket = await owner(new_person, name, f"/c/{name}/moderation")
    await person.page.get_by_text("Ban someone").click()
    await type_all(person.page, RULES | PEOPLE)
    await person.page.get_by_label("Links", exact=True).select_option("Not allowed")
    await person.page.get_by_label("Block capitals").check()

    await socket.replace()
    await expect_all(person.page, RULES | PEOPLE)
    await expect(person.page.get_by_label("Links", exact=True)).to_have_value("none")
    await expect(person.page.get_by_label("Block capitals")).to_be_checked()
    await person.page.get_by_role("button", name="Save").click()
    await expect(person.page.get_by_label("Slow mode")).to_have_value("17")
    await socket.replace()

    await expect(person.page.get_by_label("Blocked terms", exact=True)).to_have_value("spam*\nscam")
    await expect_all(person.page, PEOPLE)
    await person.page.reload()
    await expect(person.page.get_by_label("Links", exact=True)).to_have_value("none")
    await expect(person.page.get_by_label("Block capitals")).to_be_checked()


async def test_the_account_forms_keep_unsaved_values(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    socket = await EventSocket.of(person.page)
    for path, typed in (
        ("/register", {"Username": name, "Email": f"{name}@example.com", "Password": PASSWORD}),
        ("/login", {"Username or email": name, "Password": PASSWORD}),
    ):
        await person.go(path)
        await expect(person.page.get_by_label("Password", exact=True)).to_be_editable()
        await type_all(person.page, typed)

        await socket.replace()

        await expect_all(person.page, typed)


async def test_unsaved_values_survive_a_restart_of_the_web_process(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person, _ = await owner(new_person, name, "/studio")
    await type_all(person.page, STUDIO)

    site.kill_web_processes()
    site.wait_until_up()
    save = person.page.locator("form", has=person.page.get_by_label("Title")).get_by_role("button")
    await expect(person.page.get_by_text("No connection to the site")).to_have_count(0)
    await save.click()

    await expect(person.page.get_by_text("Saved. Viewers see it now.")).to_be_visible()
    await expect_all(person.page, STUDIO)
