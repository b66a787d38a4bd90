"""The list of sessions in the settings."""

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import NotSignedInError
from streaming_app.state.session_list import SessionList
from tests.state.conftest import Tab

SETTINGS = "http://site.test/settings/security"


async def sign_in(backend: Backend, user: User, device: str) -> str:
    sessions = backend.accounts.sessions
    return (await sessions.redeem(await sessions.issue_ticket(user), device, "192.0.2.1")).token


async def test_the_list_shows_each_browser_and_no_session_ids(backend: Backend, ana: User) -> None:
    await sign_in(backend, ana, "Firefox on Linux")
    token = await sign_in(backend, ana, "")
    tab = Tab(SETTINGS, token)
    state = await tab.state(SessionList)

    await SessionList.open.fn(state)

    assert [(each.device, each.is_current) for each in state.sessions] == [
        ("Unknown browser", True),
        ("Firefox on Linux", False),
    ]
    assert state.has_others
    for session in await backend.accounts.sessions.list_of(token):
        assert session.session_id not in tab.shown()


async def test_one_other_browser_is_signed_out(backend: Backend, ana: User) -> None:
    other, token = await sign_in(backend, ana, "other"), await sign_in(backend, ana, "this")
    state = await Tab(SETTINGS, token).state(SessionList)
    await SessionList.open.fn(state)

    await SessionList.end.fn(state, state.sessions[1].public_id)

    assert [each.device for each in state.sessions] == ["this"]
    with pytest.raises(NotSignedInError):
        await backend.accounts.sessions.verify(other)


async def test_all_other_browsers_are_signed_out(backend: Backend, ana: User) -> None:
    for device in ("a", "b"):
        await sign_in(backend, ana, device)
    state = await Tab(SETTINGS, await sign_in(backend, ana, "this")).state(SessionList)
    await SessionList.open.fn(state)

    await SessionList.end_others.fn(state)

    assert [each.device for each in state.sessions] == ["this"]
    assert not state.has_others


async def test_a_visitor_sees_no_sessions_and_ends_none(backend: Backend, ana: User, ana_token: str) -> None:
    [session] = await backend.accounts.sessions.list_of(ana_token)
    state = await Tab(SETTINGS).state(SessionList)

    await SessionList.open.fn(state)
    await SessionList.end.fn(state, session.public_id)
    await SessionList.end_others.fn(state)

    assert state.sessions == []
    assert await backend.accounts.sessions.verify(ana_token) == ana
