"""Actions that require a recent authentication, and the form that asks for the password again."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reflex.event import EventSpec

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.providers.model import Identity
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import ReauthenticationNeededError
from streaming_app.state import services
from streaming_app.state.account_export import ExportState
from streaming_app.state.api_token_settings import ApiTokenSettings
from streaming_app.state.reauthentication import ConfirmState, InterruptedAction
from tests.state.conftest import PASSWORD, Tab

CONFIRM = "http://site.test/confirm?next=/studio"

TOKEN = {"name": "quiz bot", "chat:write": "on", "lifetime": "30"}

Submit = Callable[..., AsyncIterator[EventSpec | None]]


@pytest.fixture
async def old_token(backend: Backend, ana_token: str, store_file: Path) -> str:
    """The cookie of a session of Ana that began an hour ago."""
    make_sign_ins_old(store_file)
    with pytest.raises(ReauthenticationNeededError):
        await backend.accounts.sessions.require_recent(ana_token)
    return ana_token


def make_sign_ins_old(store_file: Path) -> None:
    """Let all sessions begin an hour earlier."""
    with closing(sqlite3.connect(store_file, isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")


async def confirm(state: ConfirmState, password: str) -> str:
    """Submit the form and return the last event for the browser."""
    last = None
    handler: Submit = ConfirmState.submit.fn
    async for event in handler(state, {"password": password}):
        last = event
    return str(last)


async def test_an_old_session_is_redirected_to_the_form_and_gets_no_api_token(
    backend: Backend, ana: User, old_token: str
) -> None:
    state = await Tab("http://site.test/studio?x=1", old_token).state(ApiTokenSettings)

    sent = await ApiTokenSettings.create.fn(state, TOKEN)

    assert "/confirm?next=/studio" in str(sent)
    assert state.secret == ""
    assert await backend.api_tokens.list_by_user(ana.user_id) == []


async def test_the_interrupted_action_continues_once_after_the_confirmation(
    backend: Backend, ana: User, old_token: str
) -> None:
    tab = Tab("http://site.test/settings/tokens", old_token)
    sent = str(await ApiTokenSettings.create.fn(await tab.state(ApiTokenSettings), TOKEN))
    key = re.findall(r"resumed%3D([\w-]+)", sent)[0]
    new_token = (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(ana))).token

    tab.open(f"http://site.test/settings/tokens?resumed={key}", new_token)
    action = await tab.state(InterruptedAction)
    resumed, again = await InterruptedAction.resume.fn(action), await InterruptedAction.resume.fn(action)

    assert resumed is not None
    assert resumed.handler.fn == ApiTokenSettings.create.fn
    assert "quiz bot" in str(resumed.args)
    assert again is None


@pytest.mark.parametrize("key", ["", "a guess"])
async def test_an_interrupted_action_is_forgotten_without_its_key(
    backend: Backend, ana: User, old_token: str, key: str
) -> None:
    tab = Tab("http://site.test/settings/tokens", old_token)
    await ApiTokenSettings.create.fn(await tab.state(ApiTokenSettings), TOKEN)
    new_token = (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(ana))).token

    tab.open(f"http://site.test/settings/tokens?resumed={key}", new_token)

    assert await InterruptedAction.resume.fn(await tab.state(InterruptedAction)) is None


async def test_an_interrupted_action_waits_for_a_recent_session_of_the_same_user(
    backend: Backend, ana: User, old_token: str
) -> None:
    bob = await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")
    bobs_token = (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(bob))).token
    for token in (old_token, bobs_token):
        tab = Tab("http://site.test/settings/tokens", old_token)
        sent = str(await ApiTokenSettings.create.fn(await tab.state(ApiTokenSettings), TOKEN))
        key = re.findall(r"resumed%3D([\w-]+)", sent)[0]

        tab.open(f"http://site.test/settings/tokens?resumed={key}", token)

        assert await InterruptedAction.resume.fn(await tab.state(InterruptedAction)) is None


async def test_a_new_session_needs_no_confirmation(backend: Backend, ana_token: str) -> None:
    state = await Tab("http://site.test/studio", ana_token).state(ApiTokenSettings)

    await ApiTokenSettings.create.fn(state, TOKEN)

    assert state.secret


async def test_the_password_opens_a_new_session_and_returns_to_the_page(backend: Backend, old_token: str) -> None:
    state = await Tab(CONFIRM, old_token).state(ConfirmState)

    script = await confirm(state, PASSWORD)

    assert "redeemTicket" in script
    assert "/studio" in script


@pytest.mark.parametrize(("password", "error"), [("wrong", "Wrong password."), ("", "Enter your password.")])
async def test_a_wrong_password_is_refused_at_the_field(
    backend: Backend, old_token: str, password: str, error: str
) -> None:
    state = await Tab(CONFIRM, old_token).state(ConfirmState)

    script = await confirm(state, password)

    assert "redeemTicket" not in script
    assert (state.errors.password, state.pending) == (error, False)


async def test_a_visitor_confirms_nothing(backend: Backend, ana: User) -> None:
    state = await Tab(CONFIRM).state(ConfirmState)

    assert "redeemTicket" not in await confirm(state, PASSWORD)
    assert "signed out" in state.errors.form


@pytest.mark.parametrize("elsewhere", ["https://evil.test/", "//evil.test", "/%5Cevil.test", "javascript:alert(1)"])
async def test_the_form_does_not_redirect_to_another_site(backend: Backend, old_token: str, elsewhere: str) -> None:
    state = await Tab(f"http://site.test/confirm?next={elsewhere}", old_token).state(ConfirmState)

    script = await confirm(state, PASSWORD)

    assert "/settings" in script
    assert "evil" not in script


async def test_a_user_without_a_password_is_told_other_ways(backend: Backend, old_token: str, store_file: Path) -> None:
    state = await Tab(CONFIRM, old_token).state(ConfirmState)
    await ConfirmState.show.fn(state)
    assert state.way == "password"
    with closing(sqlite3.connect(store_file, isolation_level=None)) as database:
        database.execute("UPDATE users SET password_hash = ''")

    await ConfirmState.show.fn(state)

    assert state.way == "none"
    assert "redeemTicket" not in await confirm(state, "any password")


async def test_a_user_confirms_with_the_providers_that_the_user_has_linked(tmp_path: Path, ana: User) -> None:
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path / "with providers",
            "supervise": frozenset[str](),
            "public_url": "http://site.test",
            "vk_client_id": "1",
            "google_client_id": "2",
            "google_client_secret": "3",
        }
    )
    user = replace(ana, user_id="user-nora", username="nora", email="nora@example.com", password_hash="")
    async with open_backend(settings) as site:
        await site.store.users.add(user)
        await site.store.identities.add(Identity("vk", "1", user.user_id, "Nora", datetime.now(UTC)))
        token = (await site.accounts.sessions.redeem(await site.accounts.sessions.issue_ticket(user))).token
        with services.using(site):
            state = await Tab(CONFIRM + "&problem=other-account&provider=vk", token).state(ConfirmState)
            await ConfirmState.show.fn(state)

            assert state.way == "other"
            url = "http://site.test/api/auth/providers/vk/start?next=%2Fstudio&confirm=1"
            assert [link.url for link in state.links] == [url]
            assert "You have not linked this VK account" in state.problem
            visitor = await Tab(CONFIRM).state(ConfirmState)
            await ConfirmState.show.fn(visitor)
            assert visitor.links == []


async def test_the_link_to_the_download_is_shown_only_while_the_sign_in_is_recent(
    ana_token: str, store_file: Path
) -> None:
    state = await Tab("http://site.test/settings/data", ana_token).state(ExportState)
    assert await ExportState.prepare.fn(state) is None

    await ExportState.show.fn(state)  # a quick user presses the button before the page has loaded
    assert state.is_ready

    make_sign_ins_old(store_file)
    await ExportState.show.fn(state)
    assert not state.is_ready
