"""API tokens in the settings, and a bot that uses one."""

import re

import httpx
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person


async def open_tokens(person: Person) -> None:
    await person.go("/settings/tokens")
    await expect(person.page.get_by_text("You have no tokens.")).to_be_visible()


async def create(person: Person, name: str, *rights: str, lifetime: str = "30 days") -> str:
    """Fill in the form, and return the secret."""
    page = person.page
    await page.get_by_label("Name", exact=True).fill(name)
    for right in rights:
        await page.get_by_role("checkbox", name=right).check()
    await page.get_by_label("Valid for").select_option(lifetime)
    await page.get_by_role("button", name="Create token").click()
    secret = page.get_by_role("textbox", name="API token")
    await expect(secret).to_have_value(re.compile("sat_"))
    return await secret.input_value()


async def test_a_bot_writes_with_a_token_until_it_is_revoked(new_person: NewPerson, name: str) -> None:
    owner = await new_person()
    await owner.register(name)
    channel_id = (await owner.stream_key()).partition("?")[0]
    settings = Person(owner.site, owner.context, await owner.context.new_page())
    await open_tokens(settings)
    secret = await create(settings, "quiz bot", "Post chat messages as you")
    url, headers = f"{owner.site.url}/api/channels/{channel_id}/messages", {"authorization": f"Bearer {secret}"}

    async with httpx.AsyncClient(headers=headers) as bot:
        said = await bot.post(url, json={"text": "question one"})
        await expect(owner.chat_lines()).to_have_text(["question one"])
        await settings.page.get_by_role("button", name="Revoke quiz bot").click()
        await settings.page.get_by_role("button", name="Revoke token").click()
        await expect(settings.page.get_by_text("Token revoked.")).to_be_visible()
        refusal = await bot.post(url, json={"text": "question two"})

    assert (said.status_code, refusal.status_code) == (201, 401)


async def test_a_token_is_shown_once_and_listed_with_its_rights_expiry_and_last_use(
    new_person: NewPerson, name: str
) -> None:
    owner = await new_person()
    await owner.register(name)
    await open_tokens(owner)
    secret = await create(owner, "stats", "See which channels you follow", lifetime="No expiry")
    token = owner.page.get_by_role("region", name="Your tokens").get_by_role("listitem")

    await expect(token).to_contain_text("stats")
    await expect(token).to_contain_text("follows:read")
    await expect(token).to_contain_text("does not expire · never used")
    await owner.page.reload()

    await expect(token).to_contain_text("stats")
    await expect(owner.page.get_by_role("textbox", name="API token")).to_have_count(0)
    assert secret not in await owner.page.content()


async def test_the_form_names_each_wrong_field(new_person: NewPerson, name: str) -> None:
    owner = await new_person()
    await owner.register(name)
    await open_tokens(owner)

    await owner.page.get_by_role("button", name="Create token").click()

    await expect(owner.page.locator("#name-error")).to_contain_text("Enter a name")
    await expect(owner.page.locator("#scopes-error")).to_have_text("Choose what the token may do.")


async def test_a_visitor_is_asked_to_sign_in(new_person: NewPerson) -> None:
    visitor = await new_person()

    await visitor.go("/settings/tokens")

    await expect(visitor.page).to_have_url(re.compile("/login"))
