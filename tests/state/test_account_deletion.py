"""The form that deletes the account, and what a user sees until then."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from reflex.event import EventSpec

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.accounts.token_scopes import TOKEN_LIFETIMES
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import LeavingError, NotFoundError, NotSignedInError
from streaming_app.state.account_deletion import DeleteAccountState, KeepAccountState
from streaming_app.state.session import SessionState, refresh_user
from tests.state.conftest import PASSWORD, Tab

DATA = "http://site.test/settings/data"
Handler = Callable[..., AsyncIterator[EventSpec | None]]


async def delete(token: str, username: str) -> tuple[DeleteAccountState, str]:
    """Submit the form, and return its state and the last event for the browser."""
    state = await Tab(DATA, token).state(DeleteAccountState)
    DeleteAccountState.show.fn(state)
    return state, await last_event(DeleteAccountState.submit.fn, state, {"username": username})


async def keep(token: str) -> tuple[Tab, str]:
    """Press the button that keeps the account, and return the tab and the last event for the browser."""
    tab = Tab(DATA, token)
    return tab, await last_event(KeepAccountState.keep.fn, await tab.state(KeepAccountState))


async def last_event(handler: Handler, *arguments: object) -> str:
    last = None
    async for event in handler(*arguments):
        last = event
    return str(last)


async def sign_in(backend: Backend) -> str:
    ticket = await backend.accounts.sign_in("Ana", PASSWORD, "192.0.2.1")
    return (await backend.accounts.sessions.redeem(ticket)).token


async def test_the_form_says_after_how_many_days_the_account_is_deleted(ana_token: str) -> None:
    state = await Tab(DATA, ana_token).state(DeleteAccountState)

    DeleteAccountState.show.fn(state)

    assert state.days == 14


@pytest.mark.parametrize("typed", ["", "ann", "ana@example.com"])
async def test_the_username_confirms_the_deletion(backend: Backend, ana_token: str, typed: str) -> None:
    state, _ = await delete(ana_token, typed)

    assert state.error == "Type your username, Ana, to confirm."
    assert state.deletes_at == ""
    assert await backend.accounts.sessions.verify(ana_token)


async def test_an_account_that_will_be_deleted_is_signed_out_and_its_channel_is_hidden(
    backend: Backend, ana: User, ana_token: str
) -> None:
    channel = await backend.channels.get_or_create(ana)

    state, _ = await delete(ana_token, " ana ")

    assert state.deletes_at
    assert not state.pending
    with pytest.raises(NotSignedInError):
        await backend.accounts.sessions.verify(ana_token)
    with pytest.raises(NotFoundError):
        await backend.channels.by_slug(channel.slug)


async def test_an_old_session_asks_for_the_password_first(backend: Backend, ana_token: str, store_file: Path) -> None:
    with closing(sqlite3.connect(store_file, isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")

    state, sent = await delete(ana_token, "Ana")

    assert "/confirm?next=/settings/data" in sent
    assert state.deletes_at == ""
    assert await backend.accounts.sessions.verify(ana_token)


async def test_api_tokens_are_not_accepted_any_more(backend: Backend, ana: User, ana_token: str) -> None:
    secret = await backend.api_tokens.create(
        ana.user_id, NewToken("bot", ["chat:write"], next(iter(TOKEN_LIFETIMES))), "192.0.2.1"
    )

    await delete(ana_token, "Ana")

    with pytest.raises(LeavingError, match="will be deleted on"):
        await backend.api_tokens.verify(secret)


async def test_a_user_who_signs_in_again_sees_when_the_account_is_deleted(backend: Backend, ana_token: str) -> None:
    state, _ = await delete(ana_token, "Ana")
    session = await Tab(DATA, await sign_in(backend)).state(SessionState)

    await refresh_user(session)

    assert (session.username, session.leaving_username, session.deletes_at) == ("", "Ana", state.deletes_at)


async def test_a_kept_account_is_signed_in_and_its_channel_is_shown(
    backend: Backend, ana: User, ana_token: str
) -> None:
    channel = await backend.channels.get_or_create(ana)
    await delete(ana_token, "Ana")

    tab, _ = await keep(await sign_in(backend))

    session = await tab.state(SessionState)
    assert (session.username, session.deletes_at) == ("Ana", "")
    assert await backend.channels.by_slug(channel.slug) == channel


async def test_nobody_keeps_an_account_without_a_session_of_it(backend: Backend, ana: User, ana_token: str) -> None:
    await delete(ana_token, "Ana")

    _, sent = await keep(ana_token)

    assert "You are signed out" in sent
    assert (await backend.store.users.get(ana.user_id)).deletes_at


async def test_it_may_be_too_late_to_keep_the_account(backend: Backend, ana: User, ana_token: str) -> None:
    await delete(ana_token, "Ana")
    await backend.account_data.deletion.order(OPERATOR_STAFF, ana, at_once=True)
    token = await sign_in(backend)

    _, sent = await keep(token)

    assert "It is too late" in sent
