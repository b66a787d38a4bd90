"""Registration on a site that requires invitations, and on a closed site."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import Person
from tests.rig.oidc_provider import running_oidc_provider
from tests.rig.ports import HOST
from tests.rig.site import Site, operate, running_site
from tests.rig.site_accounts import promote

NORA = {"sub": "nora", "email": "nora@example.com", "email_verified": True, "name": "Nora"}


@pytest.fixture(scope="module", params=["invitation", "closed"])
def mode(request: pytest.FixtureRequest) -> str:
    """The registration mode of the site."""
    return request.param


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_oidc_provider(tmp_path_factory.mktemp("oidc"), NORA) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int], mode: str, issuer: str
) -> Iterator[Site]:
    """A site on which not everybody may register, with a sign-in provider."""
    work = {"id": "work", "name": "Work", "issuer": issuer, "client_id": "site", "client_secret": "secret"}
    settings = {
        "REGISTRATION": mode,
        "PUBLIC_URL": f"http://{HOST}:{site_ports['HTTP_PORT']}",
        "OIDC_PROVIDERS": json.dumps([work]),
    }
    with running_site(tmp_path_factory.mktemp(mode), site_ports, settings) as site:
        yield site


async def continue_as_nora(person: Person) -> None:
    """Sign in with the provider, whose user Nora has no account on the site."""
    await person.page.get_by_role("link", name="Continue with Work").click()
    await person.page.get_by_role("button", name="nora", exact=True).click()


async def test_the_mode_decides_who_registers_with_a_provider(
    site: Site, new_person: NewPerson, name: str, mode: str
) -> None:
    person = await new_person()
    secret = operate(site.environment, "invite").splitlines()[0].partition("#")[2]
    await person.go("/login")
    await continue_as_nora(person)
    refused = "is closed." if mode == "closed" else "You need an invitation to register on this site."
    await expect(person.page.get_by_text(refused)).to_be_visible()
    await expect(person.page.get_by_role("textbox", name="Username")).to_have_count(0)
    if mode == "closed":
        return

    await person.go("/")
    await person.go(f"/register?next=/studio#{secret}")
    await continue_as_nora(person)
    await person.page.get_by_role("textbox", name="Username").fill(name)
    await person.page.get_by_role("button", name="Create account").click()
    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()
    await expect(person.account_menu()).to_contain_text(name)

    await person.sign_out()
    await person.go("/register")
    await expect(person.page.get_by_text("You need an invitation to register on this site.")).to_be_visible()
    assert secret not in site.process.output()


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
    await promote(site, name)
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
