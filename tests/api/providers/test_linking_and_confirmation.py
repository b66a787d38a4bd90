"""Linking of accounts at providers, and confirming one's identity with them."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from streaming_app.backend.accounts.authenticator_app import AuthenticatorApp
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import NotFoundError, ReauthenticationNeededError
from tests.api.conftest import Browser
from tests.api.providers.conftest import Result, come_back, pending_secret, result_of, sign_in, signed_in_as, start
from tests.rig.scripted_oidc import ScriptedOidc


async def test_a_link_needs_a_signed_in_user(browser: Browser, oidc: ScriptedOidc) -> None:
    answer = await browser.client.get("/api/auth/providers/work/start", params={"link": "1"})

    assert result_of(answer).path == "/login"


async def test_a_link_is_made_only_after_the_same_user_confirms_it(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, ana: User
) -> None:
    bob = User("user-bob", "Bob", "bob@example.com", "hash", datetime.now(UTC))
    await backend.store.users.add(bob)
    await browser.sign_in(ana)

    ended = await sign_in(browser, oidc, link="1")

    assert ended.path == "/login/finish"
    linked = backend.providers.linked_accounts
    assert await linked.list_of(ana) == []
    secret = pending_secret(browser)
    with pytest.raises(NotFoundError):
        await linked.link(secret, bob, "192.0.2.1")
    with pytest.raises(NotFoundError):
        await linked.register(secret, "Nora", "nora@example.com", "192.0.2.1")
    await linked.link(secret, ana, "192.0.2.1")
    with pytest.raises(NotFoundError):
        await linked.link(secret, ana, "192.0.2.1")
    assert [(each.provider, each.label) for each in await linked.list_of(ana)] == [("work", "ana@example.com")]


async def test_an_identity_of_somebody_else_is_not_linked_and_signs_nobody_in(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User
) -> None:
    bob = User("user-bob", "Bob", "bob@example.com", "hash", datetime.now(UTC))
    await backend.store.users.add(bob)
    await browser.sign_in(bob)

    ended = await sign_in(browser, oidc, link="1")

    assert (ended.path, ended.problem) == ("/settings/linked-accounts", "linked-elsewhere")
    assert await signed_in_as(browser) == "Bob"


async def confirm(browser: Browser, oidc: ScriptedOidc) -> Result:
    """Authenticate again with the provider ``work``, as the page that asks for it does."""
    return await sign_in(browser, oidc, confirm="1", next="/settings/security")


async def is_recent(browser: Browser) -> bool:
    """Whether the session may do what requires a recent sign-in."""
    try:
        await browser.backend.accounts.sessions.require_recent(browser.token)
    except ReauthenticationNeededError:
        return False
    return True


@pytest.fixture
async def old_session(browser: Browser, linked: User, tmp_path: Path) -> str:
    """The cookie of a session of Ana that began an hour ago."""
    await browser.sign_in(linked)
    with closing(sqlite3.connect(tmp_path / "data" / "streaming.sqlite3", isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")
    assert not await is_recent(browser)
    return browser.token


async def test_a_user_authenticates_again_with_a_linked_identity(
    browser: Browser, oidc: ScriptedOidc, old_session: str
) -> None:
    ended = await confirm(browser, oidc)

    assert (ended.path, ended.query) == ("/settings/security", {})
    assert browser.token != old_session
    assert await is_recent(browser)
    assert await signed_in_as(browser) == "Ana"


async def test_the_provider_is_asked_to_authenticate_the_user_again(
    browser: Browser, oidc: ScriptedOidc, old_session: str
) -> None:
    asked = parse_qs(urlsplit(await start(browser, confirm="1")).query)
    asked_vk = parse_qs(urlsplit(await start(browser, "vk", confirm="1")).query)
    plain = parse_qs(urlsplit(await start(browser)).query)

    assert (asked["prompt"], asked["max_age"], asked_vk["prompt"]) == (["login"], ["0"], ["login"])
    assert "prompt" not in plain


async def test_the_account_of_another_person_at_the_provider_confirms_nothing(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, old_session: str
) -> None:
    await backend.store.users.add(User("user-eve", "Eve", "eve@example.com", "hash", datetime.now(UTC)))
    await backend.store.identities.add(Identity("work", "user-eve", "user-eve", "eve", datetime.now(UTC)))

    for subject in ("user-eve", "a stranger", "user-1 "):
        oidc.claims = {"sub": subject, "email": "ana@example.com", "email_verified": True}
        ended = await confirm(browser, oidc)

        query = {"problem": "other-account", "provider": "work", "next": "/settings/security"}
        assert (ended.path, ended.query) == ("/confirm", query)
        assert browser.token == old_session
        assert pending_secret(browser) == ""
        assert await signed_in_as(browser) == "Ana"


async def test_an_identity_that_was_unlinked_meanwhile_confirms_nothing(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User, old_session: str
) -> None:
    answer = oidc.answer(await start(browser, confirm="1"))
    await backend.store.identities.remove_all_of(linked.user_id)

    assert (await come_back(browser, answer)).problem == "other-account"
    assert browser.token == old_session


async def test_an_answer_to_a_plain_sign_in_of_another_user_is_not_a_confirmation(
    browser: Browser, other_browser: Browser, oidc: ScriptedOidc, old_session: str
) -> None:
    answer = oidc.answer(await start(other_browser))

    assert (await come_back(browser, answer)).problem == "expired"
    assert browser.token == old_session


@pytest.mark.parametrize(("seconds_ago", "problem"), [(3600, "not-again"), (90, "not-again"), (0, ""), (30, "")])
async def test_a_provider_that_has_not_asked_the_user_again_confirms_nothing(
    browser: Browser, oidc: ScriptedOidc, old_session: str, seconds_ago: int, problem: str
) -> None:
    oidc.claims = {"auth_time": int(datetime.now(UTC).timestamp()) - seconds_ago}

    ended = await confirm(browser, oidc)

    assert ended.problem == problem
    assert await is_recent(browser) is (problem == "")


@pytest.mark.parametrize("wrong", ["yesterday", True, [], 1e300])
async def test_a_wrong_time_of_authentication_is_refused(
    browser: Browser, oidc: ScriptedOidc, old_session: str, wrong: object
) -> None:
    oidc.claims = {"auth_time": wrong}

    assert (await confirm(browser, oidc)).problem != ""
    assert not await is_recent(browser)


async def test_a_visitor_confirms_nothing(browser: Browser, oidc: ScriptedOidc, linked: User) -> None:
    answer = await browser.client.get("/api/auth/providers/work/start", params={"confirm": "1"})

    assert result_of(answer).path == "/login"


async def test_a_confirmation_with_a_provider_asks_for_the_code_of_the_app(
    browser: Browser, backend: Backend, oidc: ScriptedOidc, linked: User, old_session: str
) -> None:
    await backend.store.authenticator_apps.add(AuthenticatorApp(linked.user_id, b"sealed", datetime.now(UTC), 0, ()))

    ended = await confirm(browser, oidc)

    assert (ended.path, ended.query) == ("/login/code", {"next": "/settings/security"})
    assert browser.token == old_session
    assert not await is_recent(browser)
