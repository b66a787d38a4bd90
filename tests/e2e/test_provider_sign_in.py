"""Sign-in with accounts of other sites, in browsers: new users, linking and unlinking."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.e2e.conftest import NewPerson
from tests.e2e.people import PASSWORD, Person
from tests.rig.oidc_provider import running_oidc_provider
from tests.rig.ports import HOST
from tests.rig.serving import serving_in_thread
from tests.rig.site import Site, running_site
from tests.rig.vk_server import CLIENT_ID, VkServer

USERS = (
    {"sub": "nora", "email": "nora@example.com", "email_verified": True, "name": "Nora"},
    {"sub": "linda", "email": "linda@example.com", "email_verified": True},
    {"sub": "takeover", "email": "owner@example.com", "email_verified": True},
    {"sub": "confirmer", "email": "confirmer@example.com", "email_verified": True},
    {"sub": "unverified", "email": "somebody@example.com", "email_verified": False},
)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_oidc_provider(tmp_path_factory.mktemp("oidc"), *USERS) as issuer:
        yield issuer


@pytest.fixture(scope="module")
def vk() -> Iterator[VkServer]:
    server = VkServer()
    with serving_in_thread(server.app, server.port):
        yield server


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int], issuer: str, vk: VkServer
) -> Iterator[Site]:
    """A site with three providers, of which one does not answer."""
    work = {"id": "work", "name": "Work", "issuer": issuer, "client_id": "site", "client_secret": "secret"}
    broken = {**work, "id": "broken", "name": "Broken", "issuer": f"http://{HOST}:1"}
    settings = {
        "PUBLIC_URL": f"http://{HOST}:{site_ports['HTTP_PORT']}",
        "OIDC_PROVIDERS": json.dumps([work, broken]),
        "VK_CLIENT_ID": CLIENT_ID,
        "VK_ID_URL": vk.url,
    }
    with running_site(tmp_path_factory.mktemp("providers"), site_ports, settings) as site:
        yield site


async def continue_with(person: Person, provider: str) -> None:
    await person.page.get_by_role("link", name=f"Continue with {provider}").click()


async def agree_as(person: Person, subject: str) -> None:
    """Choose a user on the page of the OpenID Connect provider."""
    await person.page.get_by_role("button", name=subject, exact=True).click()


async def choose_username(person: Person, name: str) -> None:
    await expect(person.page.get_by_role("heading", name="Choose your username")).to_be_visible()
    await person.page.get_by_role("textbox", name="Username").fill(name)
    await person.page.get_by_role("button", name="Create account").click()


async def test_a_new_user_signs_up_and_in_with_a_provider(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.go("/register?next=/studio")
    await continue_with(person, "Work")
    await agree_as(person, "nora")
    await choose_username(person, "x")
    await expect(person.page.locator("#username-error")).to_have_text("Use 3 to 25 characters.")
    await expect(person.page.get_by_role("textbox", name="Username")).to_be_focused()
    await expect(person.page.get_by_label("Email")).to_have_count(0)
    await choose_username(person, name)
    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()
    await expect(person.account_menu()).to_contain_text(name)

    await person.sign_out()
    await person.go("/login?next=/studio")
    await continue_with(person, "Work")
    await agree_as(person, "nora")

    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()
    await expect(person.account_menu()).to_contain_text(name)


async def test_a_new_user_signs_up_with_vk_and_the_keyboard(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.go("/login")
    await person.page.get_by_role("link", name="Continue with VK").focus()
    await person.page.keyboard.press("Enter")
    await person.page.get_by_role("button", name="Allow as Иван").press("Enter")
    await expect(person.page.get_by_text("You sign in with VK as ivan@example.com.")).to_be_visible()
    await person.page.get_by_role("textbox", name="Username").fill(name)
    await person.page.get_by_label("Email").fill(f"{name}@example.com")
    await person.page.keyboard.press("Enter")

    await expect(person.account_menu()).to_contain_text(name)


async def test_a_user_links_and_unlinks_an_account(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    await person.go("/settings/linked-accounts")
    work = person.page.get_by_role("listitem").filter(has_text="Work")
    await expect(work).to_contain_text("Not linked")
    await work.get_by_role("link", name="Link").click()
    await agree_as(person, "linda")
    await expect(person.page.get_by_role("heading", name="Link Work?")).to_be_visible()
    await expect(person.page.get_by_text(name).first).to_be_visible()
    await person.page.get_by_role("button", name="Link it").click()
    await expect(work).to_contain_text("linda@example.com")

    await person.sign_out()
    await person.go("/login?next=/settings/linked-accounts")
    await continue_with(person, "Work")
    await agree_as(person, "linda")
    await expect(person.account_menu()).to_contain_text(name)

    await work.get_by_role("button", name="Unlink").click()
    await expect(work).to_contain_text("Not linked")


async def test_an_account_with_the_same_email_is_linked_only_after_a_sign_in_with_its_password(
    new_person: NewPerson, name: str
) -> None:
    owner, stranger = await new_person(), await new_person()
    await owner.go("/register")
    await owner.page.get_by_role("textbox", name="Username").fill(name)
    await owner.page.get_by_label("Email").fill("owner@example.com")
    await owner.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await owner.page.get_by_role("button", name="Create account").click()
    await expect(owner.account_menu()).to_contain_text(name)

    await stranger.go("/login")
    await continue_with(stranger, "Work")
    await agree_as(stranger, "takeover")
    await expect(stranger.page.get_by_role("heading", name="You already have an account")).to_be_visible()
    await expect(stranger.account_menu()).to_have_count(0)
    await stranger.page.get_by_role("main").get_by_role("link", name="Sign in").click()
    await stranger.sign_in(name)
    await expect(stranger.page.get_by_role("heading", name="Link Work?")).to_be_visible()
    await stranger.page.get_by_role("button", name="Link it").click()

    await expect(stranger.page.get_by_role("listitem").filter(has_text="owner@example.com")).to_be_visible()


async def test_a_user_without_a_password_sets_one_before_unlinking_the_last_account(
    new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.go("/login")
    await continue_with(person, "Work")
    await agree_as(person, "unverified")
    await expect(person.page.get_by_role("heading", name="Choose your username")).to_be_visible()
    await person.page.get_by_label("Email").fill(f"{name}@example.com")
    await choose_username(person, name)
    await expect(person.account_menu()).to_contain_text(name)
    await person.go("/settings/linked-accounts")
    work = person.page.get_by_role("listitem").filter(has_text="Work")
    await work.get_by_role("button", name="Unlink").click()
    await expect(person.page.get_by_text("This is your only way to sign in.")).to_be_visible()

    await person.go("/settings/security")
    await person.page.get_by_label("New password", exact=True).fill(PASSWORD)
    await person.page.get_by_role("button", name="Set password").click()
    await expect(person.page.get_by_text("Your password was changed.")).to_be_visible()
    await person.go("/settings/linked-accounts")
    await work.get_by_role("button", name="Unlink").click()
    await expect(work).to_contain_text("Not linked")
    await person.sign_out()
    await person.go("/login")
    await person.sign_in(name)
    await expect(person.account_menu()).to_contain_text(name)


async def test_a_user_without_a_password_confirms_with_the_own_account_at_the_provider(
    new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    await person.go("/login")
    await continue_with(person, "Work")
    await agree_as(person, "confirmer")
    await choose_username(person, name)
    await expect(person.account_menu()).to_contain_text(name)

    await person.go("/confirm?next=/settings/security")
    await expect(person.page.get_by_label("Password", exact=True)).to_have_count(0)
    await expect(person.page.get_by_role("link", name="Continue with VK")).to_have_count(0)
    await continue_with(person, "Work")
    await agree_as(person, "takeover")
    await expect(person.page.get_by_role("alert")).to_contain_text("You have not linked this Work account")

    await continue_with(person, "Work")
    await agree_as(person, "confirmer")
    await expect(person.page.get_by_role("button", name="Set password")).to_be_visible()
    await expect(person.account_menu()).to_contain_text(name)


async def test_a_provider_that_does_not_answer_leaves_the_other_ways(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)
    await person.go("/")
    await person.sign_out()
    await person.go("/login?next=/studio")
    await continue_with(person, "Broken")
    problem = person.page.get_by_role("alert").filter(has_text="Signing in with Broken did not work")
    await expect(problem).to_be_visible()

    await continue_with(person, "VK")
    await person.page.get_by_role("button", name="Cancel").click()
    await expect(person.page.get_by_text("You did not agree to sign in with VK.")).to_be_visible()

    await person.sign_in(name)
    await expect(person.page.get_by_role("heading", name="Studio", exact=True)).to_be_visible()


async def test_the_pages_fit_narrow_and_wide_screens(new_person: NewPerson) -> None:
    person = await new_person()
    for path in (
        "/login?problem=failed&provider=work",
        "/register",
        "/login/finish",
        "/confirm?problem=other-account&provider=work",
    ):
        await person.page.set_viewport_size({"width": 390, "height": 844})
        await person.go(path)
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(person.page).to_have_title(re.compile("Sign|Finish|Confirm"))
        for width in (390, 1440):
            await person.page.set_viewport_size({"width": width, "height": 844})
            scroll_width = await person.page.evaluate("document.documentElement.scrollWidth")
            assert scroll_width == width, f"{path} at {width} pixels"
