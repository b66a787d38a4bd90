"""The buttons of providers, the page that finishes a sign-in with one, and the linked accounts in the settings."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streaming_app.backend.accounts.cookies import PENDING_IDENTITY_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.linked_accounts import REGISTRATION_TIME
from streaming_app.backend.accounts.providers.model import Identity, PendingIdentity
from streaming_app.backend.accounts.registration_gate import RegistrationMode
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import NotFoundError
from streaming_app.state import services
from streaming_app.state.account_forms import InvitationLink
from streaming_app.state.linked_accounts import LinkedAccounts
from streaming_app.state.provider_sign_in import FinishSignIn, ProviderButtons
from tests.state.conftest import Tab

FINISH = "http://site.test/login/finish"
LINKED = "http://site.test/settings/linked-accounts"
SECRET = "secret-of-the-browser"
OTHER_SECRET = "secret-of-another-browser"


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    """A backend with two providers."""
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "supervise": frozenset[str](),
            "public_url": "http://site.test",
            "vk_client_id": "1",
            "google_client_id": "2",
            "google_client_secret": "3",
        }
    )
    async with open_backend(settings) as backend:
        with services.using(backend):
            yield backend


def tab(address: str, session: str = "", secret: str = SECRET) -> Tab:
    return Tab(address, f"{session}; {PENDING_IDENTITY_COOKIE}={secret}")


async def pend(backend: Backend, **changed: object) -> PendingIdentity:
    """Store an identity at Google that belongs to nobody."""
    now = datetime.now(UTC)
    pending = PendingIdentity(
        secret_hash=hash_secret(SECRET, "pending-identity:"),
        provider="google",
        subject="g-1",
        label="nora@example.com",
        email="nora@example.com",
        email_verified=True,
        user_id="user-nora",
        link_to="",
        next_path="/studio",
        expires_at=now + timedelta(minutes=5),
    )
    pending = replace(pending, **changed)
    await backend.store.pending_identities.add(pending, now)
    return pending


async def link_google(backend: Backend, user: User, age: timedelta = timedelta()) -> None:
    linked_at = datetime.now(UTC) - age
    await backend.store.identities.add(Identity("google", "g-1", user.user_id, "nora@example.com", linked_at))


async def finish(state: FinishSignIn, **form: str) -> None:
    async for _ in FinishSignIn.submit.fn(state, form):
        pass


async def test_the_buttons_lead_to_the_configured_providers_and_back_to_the_page(backend: Backend) -> None:
    state = await Tab("http://site.test/login?next=/c/ana%3Ft=1").state(ProviderButtons)

    ProviderButtons.open.fn(state)

    assert [(each.name, each.url) for each in state.links] == [
        ("Google", "http://site.test/api/auth/providers/google/start?next=%2Fc%2Fana%3Ft%3D1"),
        ("VK", "http://site.test/api/auth/providers/vk/start?next=%2Fc%2Fana%3Ft%3D1"),
    ]
    assert state.problem == ""


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        (
            "problem=declined&provider=vk",
            "You did not agree to sign in with VK. Try again, or choose another way.",
        ),
        ("problem=failed&provider=%3Cb%3E", ""),
        ("problem=nonsense&provider=vk", ""),
        ("problem=failed", ""),
    ],
)
async def test_only_known_problems_of_configured_providers_are_shown(
    backend: Backend, query: str, problem: str
) -> None:
    state = await Tab(f"http://site.test/login?{query}").state(ProviderButtons)

    ProviderButtons.open.fn(state)

    assert state.problem == problem


async def test_a_new_user_is_asked_for_a_username(backend: Backend) -> None:
    await pend(backend)
    open_tab = tab(FINISH)
    state = await open_tab.state(FinishSignIn)

    await FinishSignIn.show.fn(state)

    assert (state.step, state.provider, state.label) == ("new", "Google", "nora@example.com")
    assert "g-1" not in open_tab.shown()


async def test_errors_of_the_username_are_shown_and_the_identity_stays_pending(backend: Backend, ana: User) -> None:
    await pend(backend)
    state = await tab(FINISH).state(FinishSignIn)

    await finish(state, username="ANA")
    assert state.errors.username == "This username is taken. Choose another."
    await finish(state, username="nora")

    user = await backend.store.users.get("user-nora")
    assert (user.username, user.email, user.has_password) == ("nora", "nora@example.com", False)
    assert user.email_confirmed_at is not None
    assert (await backend.store.channels.get_by_owner(user.user_id)).slug == "nora"


async def test_without_a_verified_email_the_user_types_one_that_is_not_confirmed(backend: Backend, ana: User) -> None:
    await pend(backend, email_verified=False)
    state = await tab(FINISH).state(FinishSignIn)
    await FinishSignIn.show.fn(state)
    assert state.step == "new with email"

    await finish(state, username="nora", email="nora")
    assert state.errors.email == "Enter a valid email, like name@example.com."
    await finish(state, username="nora", email="ANA@example.com")
    assert "already exists" in state.errors.email
    await finish(state, username="nora", email="me@example.com")

    user = await backend.store.users.get("user-nora")
    assert (user.email, user.email_confirmed_at) == ("me@example.com", None)


@pytest.mark.parametrize("mode", [RegistrationMode.CLOSED, RegistrationMode.INVITATION])
async def test_a_site_that_accepts_no_new_accounts_refuses_those_of_providers_too(
    backend: Backend, mode: RegistrationMode
) -> None:
    backend.registration_gate.mode = mode
    await pend(backend)
    state = await tab(FINISH).state(FinishSignIn)
    await FinishSignIn.show.fn(state)
    assert state.step == "closed"
    assert state.barrier != ""

    await finish(state, username="nora")

    assert state.errors.form != ""
    with pytest.raises(NotFoundError):
        await backend.store.users.get("user-nora")
    with pytest.raises(NotFoundError):
        await backend.store.identities.get("google", "g-1")


async def test_a_person_with_an_invitation_registers_with_a_provider(backend: Backend) -> None:
    backend.registration_gate.mode = RegistrationMode.INVITATION
    secret = await backend.invitations.create(OPERATOR_STAFF, "1", "1 day", "")
    await pend(backend)
    state = await tab(FINISH).state(FinishSignIn)

    await FinishSignIn.show.fn(state)
    assert (state.step, state.barrier != "") == ("closed", True)
    (await state.get_state(InvitationLink)).secret = secret
    await FinishSignIn.show.fn(state)
    assert (state.step, state.barrier) == ("new", "")
    await finish(state, username="nora")

    assert (await backend.store.users.get("user-nora")).username == "nora"
    await pend(
        backend,
        secret_hash=hash_secret(OTHER_SECRET, "pending-identity:"),
        subject="g-2",
        user_id="user-eve",
        email="eve@example.com",
    )
    state = await tab(FINISH, secret=OTHER_SECRET).state(FinishSignIn)
    (await state.get_state(InvitationLink)).secret = secret
    await FinishSignIn.show.fn(state)
    assert "You need an invitation" in state.barrier
    await finish(state, username="eve")
    assert "You need an invitation" in state.errors.form
    with pytest.raises(NotFoundError):
        await backend.store.users.get("user-eve")


async def test_an_existing_account_is_linked_on_a_site_that_requires_invitations(
    backend: Backend, ana: User, ana_token: str
) -> None:
    backend.registration_gate.mode = RegistrationMode.INVITATION
    await pend(backend)
    state = await tab(FINISH, ana_token).state(FinishSignIn)

    await FinishSignIn.show.fn(state)
    await FinishSignIn.link.fn(state)

    assert [each.subject for each in await backend.store.identities.list_by_user(ana.user_id)] == ["g-1"]


async def test_the_owner_of_an_account_with_the_email_is_asked_to_sign_in(backend: Backend, ana: User) -> None:
    await pend(backend, email="ana@example.com")
    state = await tab(FINISH).state(FinishSignIn)

    await FinishSignIn.show.fn(state)

    assert state.step == "taken"
    assert await backend.store.identities.list_by_user(ana.user_id) == []


async def test_a_signed_in_user_confirms_the_link(backend: Backend, ana: User, ana_token: str) -> None:
    await pend(backend, link_to=ana.user_id)
    state = await tab(FINISH, ana_token).state(FinishSignIn)
    await FinishSignIn.show.fn(state)
    assert state.step == "link"

    await FinishSignIn.link.fn(state)

    assert [each.subject for each in await backend.store.identities.list_by_user(ana.user_id)] == ["g-1"]
    await FinishSignIn.show.fn(state)
    assert state.step == "expired"


async def test_the_link_of_another_user_cannot_be_confirmed(backend: Backend, ana: User, ana_token: str) -> None:
    await pend(backend, link_to="user-bob")
    state = await tab(FINISH, ana_token).state(FinishSignIn)
    await FinishSignIn.show.fn(state)
    assert state.step == "expired"

    await FinishSignIn.link.fn(state)

    assert "expired" in state.errors.form
    assert await backend.store.identities.list_by_user(ana.user_id) == []


async def test_a_visitor_links_nothing(backend: Backend) -> None:
    await pend(backend)
    state = await tab(FINISH).state(FinishSignIn)

    await FinishSignIn.link.fn(state)

    assert state.errors.form == "You are signed out. Sign in and try again."


async def test_an_interrupted_registration_continues_at_the_next_sign_in(backend: Backend, ana: User) -> None:
    await link_google(backend, replace(ana, user_id="user-nora"))
    await pend(backend)
    state = await tab(FINISH).state(FinishSignIn)

    await finish(state, username="nora")

    assert (await backend.store.users.get("user-nora")).username == "nora"


async def test_what_an_interrupted_registration_left_can_be_linked(backend: Backend, ana: User, ana_token: str) -> None:
    await link_google(backend, replace(ana, user_id="user-nora"), age=REGISTRATION_TIME)
    await pend(backend)
    state = await tab(FINISH, ana_token).state(FinishSignIn)

    await FinishSignIn.link.fn(state)

    assert (await backend.store.identities.get("google", "g-1")).user_id == ana.user_id


async def test_linking_an_identity_with_the_verified_email_of_the_account_confirms_it(
    backend: Backend, ana: User, ana_token: str
) -> None:
    await pend(backend, email=ana.email)
    state = await tab(FINISH, ana_token).state(FinishSignIn)

    await FinishSignIn.link.fn(state)

    assert (await backend.store.users.get(ana.user_id)).email_confirmed_at is not None


async def test_the_settings_list_providers_and_unlink_accounts(backend: Backend, ana: User, ana_token: str) -> None:
    await link_google(backend, ana)
    state = await Tab(LINKED, ana_token).state(LinkedAccounts)

    await LinkedAccounts.open.fn(state)
    assert [(each.name, each.label) for each in state.accounts] == [("Google", "nora@example.com"), ("VK", "")]
    await LinkedAccounts.unlink.fn(state, "google")

    assert [each.label for each in state.accounts] == ["", ""]
    assert await backend.store.identities.list_by_user(ana.user_id) == []


async def test_the_last_way_to_sign_in_is_not_unlinked(backend: Backend) -> None:
    user = User("user-nora", "nora", "nora@example.com", "", datetime.now(UTC))
    await backend.store.users.add(user)
    await link_google(backend, user)
    sessions = backend.accounts.sessions
    token = (await sessions.redeem(await sessions.issue_ticket(user))).token
    state = await Tab(LINKED, token).state(LinkedAccounts)

    await LinkedAccounts.unlink.fn(state, "google")

    assert len(await backend.store.identities.list_by_user(user.user_id)) == 1


async def test_a_visitor_sees_no_linked_accounts_and_unlinks_none(backend: Backend, ana: User) -> None:
    await link_google(backend, ana)
    state = await Tab(LINKED).state(LinkedAccounts)

    await LinkedAccounts.open.fn(state)
    await LinkedAccounts.unlink.fn(state, "google")

    assert state.accounts == []
    assert len(await backend.store.identities.list_by_user(ana.user_id)) == 1
