"""The page for developers: the reference of the API."""

import re

import httpx
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.site import Site


async def test_a_visitor_reads_about_an_operation(new_person: NewPerson) -> None:
    visitor = await new_person()
    await visitor.go("/")
    await visitor.page.get_by_role("link", name="API for developers").click()
    await expect(visitor.page).to_have_url(re.compile("/developers$"))
    navigation = visitor.page.get_by_role("navigation", name="API")

    await navigation.get_by_role("link", name="Change title or category").click()

    operation = visitor.page.get_by_role("article", name="Change title or category")
    await expect(operation).to_be_in_viewport()
    await expect(operation).to_contain_text("PATCH/api/v1/channels/{slug}Scope channel:write")
    await expect(operation.get_by_role("region", name="request of Change title or category")).to_contain_text(
        "curl -X PATCH"
    )
    await operation.get_by_text("All answers").click()
    await expect(operation.get_by_text("412", exact=True)).to_be_visible()


async def test_the_type_of_an_error_leads_to_its_description(site: Site, new_person: NewPerson) -> None:
    async with httpx.AsyncClient(base_url=site.url) as program:
        problem = (await program.get("/api/v1/channels/nobody")).json()
    visitor = await new_person()

    await visitor.go(problem["type"])

    await expect(visitor.page.locator("dt:target")).to_contain_text("not_found")
    await expect(visitor.page.locator("dt:target")).to_be_in_viewport()


async def test_the_page_needs_no_scripts_and_loads_nothing_from_other_sites(new_person: NewPerson) -> None:
    visitor = await new_person(java_script_enabled=False)
    foreign: list[str] = []
    visitor.page.on("request", lambda request: foreign.append(request.url) if "127.0.0.1" not in request.url else None)

    await visitor.go("/developers#errors")

    await expect(visitor.page.get_by_role("heading", name="Get the signed-in user")).to_be_attached()
    assert foreign == []
