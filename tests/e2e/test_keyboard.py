"""The site without a mouse."""

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson


@pytest.mark.parametrize("path", ["/", "/login"])
async def test_the_first_link_leads_past_the_top_bar(new_person: NewPerson, path: str) -> None:
    visitor = await new_person()
    await visitor.go(path)
    skip = visitor.page.get_by_role("link", name="Skip to content")
    await skip.focus()

    await skip.press("Enter")

    await expect(visitor.page.get_by_role("main")).to_be_focused()
