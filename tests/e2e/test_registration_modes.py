"""Registration on a site that requires invitations, and on a closed site."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.rig.site import Site, operate, running_site


@pytest.fixture(scope="module", params=["invitation", "closed"])
def mode(request: pytest.FixtureRequest) -> str:
    """The registration mode of the site."""
    return request.param


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int], mode: str) -> Iterator[Site]:
    """A site on which not everybody may register."""
    with running_site(tmp_path_factory.mktemp(mode), site_ports, {"REGISTRATION": mode}) as site:
        yield site


async def test_the_mode_decides_who_registers(site: Site, new_person: NewPerson, name: str, mode: str) -> None:
    person, friend = await new_person(), await new_person()
    secret = operate(site.environment, "invite").splitlines()[0].partition("#")[2]

    await person.go("/register")
    if mode == "closed":
        await expect(person.page.get_by_text("Registration on this site is closed.")).to_be_visible()
        await friend.go(f"/register#{secret}")
        await expect(friend.page.get_by_text("Registration on this site is closed.")).to_be_visible()
        return
    await expect(person.page.get_by_text("You need an invitation to register on this site.")).to_be_visible()
    await expect(person.page.get_by_label("Username", exact=True)).to_be_hidden()

    await person.go("/")
    await person.go(f"/register#{secret}")
    await person.fill_in_registration(name)
    operate(site.environment, "admin", "promote", name)
    await person.go("/admin/invitations")
    await person.page.get_by_label("For whom").fill("the band")
    await person.page.get_by_label("How many people may use it").fill("many")
    await person.page.get_by_role("button", name="Create the link").click()
    await expect(person.page.get_by_text("Enter a whole number from 1 to 1000.")).to_be_visible()
    await expect(person.page.get_by_label("How many people may use it")).to_be_focused()
    await person.page.get_by_label("How many people may use it").fill("1")
    await person.page.get_by_role("button", name="Create the link").click()
    link = person.page.get_by_role("textbox", name="Link")
    await expect(link).to_have_value(re.compile(r"/register#[\w-]{20,}$"))
    path = "/register#" + (await link.input_value()).partition("#")[2]

    await friend.go(path)
    await friend.fill_in_registration(f"{name}-friend")
    await person.page.reload()
    await expect(person.page.get_by_text("1 of 1 used").first).to_be_visible()
    await friend.sign_out()
    await friend.go("/")
    await friend.go(path)
    await expect(friend.page.get_by_text("You need an invitation to register on this site.")).to_be_visible()
    for used in (secret, path.partition("#")[2]):
        assert used not in site.process.output()
