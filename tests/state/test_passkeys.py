"""Passkeys in the settings, on the sign-in page and on the page that asks to authenticate again."""

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from reflex.event import EventSpec
from reflex.istate.data import HeaderData

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import Backend
from streaming_app.state.login_form import LoginState
from streaming_app.state.passkey_settings import PasskeySettings
from streaming_app.state.passkey_sign_in import PasskeyForm
from streaming_app.state.reauthentication import ConfirmState
from tests.rig.passkey_device import PasskeyDevice
from tests.state.conftest import PASSWORD, Tab

ORIGIN = "https://live.example.com"

UsePasskey = Callable[..., AsyncIterator[EventSpec | None]]


def tab(path: str, token: str = "", origin: str = ORIGIN) -> Tab:
    """Return a tab of a page on which passkeys work."""
    opened = Tab(origin + path, token)
    headers = {"cookie": f"{SESSION_COOKIE}={token}", "origin": origin}
    opened.root.rx_router_headers = HeaderData.from_router_data({"headers": headers})
    return opened


def options_in(event: object) -> str:
    """Return the options for the browser in an event."""
    text = str(event).replace('\\\\\\"', '"').replace('\\"', '"')
    found = re.search(r'\{"(?:rp|challenge)".*?\}(?=["\'])', text)
    assert found, text
    return str(json.dumps(json.loads(found[0])))


async def add_passkey(token: str) -> PasskeyDevice:
    """Add a passkey in the settings."""
    device = PasskeyDevice(origin=ORIGIN)
    state = await tab("/settings/security", token).state(PasskeySettings)
    sent = await PasskeySettings.add.fn(state, {"name": "phone"})
    await PasskeySettings.created.fn(state, device.create(options_in(sent)))
    assert [each.name for each in state.passkeys] == ["phone"]
    return device


async def use(state: PasskeyForm, device: PasskeyDevice) -> str:
    """Sign in with the device, and return the last event for the browser."""
    kind = type(state)
    answer = device.sign(options_in(await kind.ask_for_passkey.fn(state)))
    return await answered(state, answer)


async def answered(state: PasskeyForm, answer: str) -> str:
    last = None
    handler: UsePasskey = type(state).use_passkey.fn
    async for event in handler(state, answer):
        last = event
    return str(last)


async def test_a_passkey_signs_in_and_returns_to_the_page(backend: Backend, ana_token: str) -> None:
    device = await add_passkey(ana_token)
    state = await tab("/login?next=/studio").state(LoginState)
    await LoginState.offer_passkeys.fn(state)
    assert state.has_passkeys

    script = await use(state, device)

    assert "redeemTicket" in script
    assert "/studio" in script


async def test_a_challenge_is_used_once_and_only_by_its_tab(backend: Backend, ana_token: str) -> None:
    device = await add_passkey(ana_token)
    first, other = await tab("/login").state(LoginState), await tab("/login").state(LoginState)
    answer = device.sign(options_in(await LoginState.ask_for_passkey.fn(first)))
    await LoginState.ask_for_passkey.fn(other)

    assert "redeemTicket" not in await answered(other, answer)
    assert "redeemTicket" in await answered(first, answer)
    assert "redeemTicket" not in await answered(first, answer)
    assert first.errors.form.startswith("This took too long.")


async def test_the_challenge_stays_on_the_server(backend: Backend, ana_token: str) -> None:
    opened = tab("/login")
    state = await opened.state(LoginState)

    options = json.loads(options_in(await LoginState.ask_for_passkey.fn(state)))

    assert options["challenge"] not in opened.shown()
    assert "_challenge" not in opened.shown()


async def test_a_cancelled_passkey_is_an_error_of_the_form(backend: Backend) -> None:
    state = await tab("/login").state(LoginState)
    await LoginState.ask_for_passkey.fn(state)

    await answered(state, '{"error": "NotAllowedError"}')

    assert state.errors.form == "No passkey was used. Try again, or choose another way."
    assert not state.pending


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "http://live.example.com", ""])
async def test_passkeys_are_not_offered_where_browsers_refuse_them(
    backend: Backend, ana_token: str, origin: str
) -> None:
    login = await tab("/login", origin=origin).state(LoginState)
    settings = await tab("/settings/security", ana_token, origin).state(PasskeySettings)

    await LoginState.offer_passkeys.fn(login)
    await PasskeySettings.open.fn(settings)

    assert not login.has_passkeys
    assert settings.unavailable
    assert settings.unavailable in str(await PasskeySettings.add.fn(settings, {}))
    assert "usePasskey" not in str(await LoginState.ask_for_passkey.fn(login))


async def test_a_passkey_of_the_user_confirms_who_it_is(backend: Backend, ana: User, ana_token: str) -> None:
    state = await tab("/confirm?next=/studio", ana_token).state(ConfirmState)
    await ConfirmState.offer_passkeys.fn(state)
    assert not state.has_passkeys
    device = await add_passkey(ana_token)
    await ConfirmState.offer_passkeys.fn(state)
    assert state.has_passkeys

    script = await use(state, device)

    assert "redeemTicket" in script
    assert "/studio" in script


async def test_a_passkey_of_another_user_confirms_nothing(backend: Backend, ana_token: str) -> None:
    device = await add_passkey(ana_token)
    bob = await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")
    sessions = backend.accounts.sessions
    token = (await sessions.redeem(await sessions.issue_ticket(bob))).token
    state = await tab("/confirm", token).state(ConfirmState)

    assert "redeemTicket" not in await use(state, device)
    assert state.errors.form == "This passkey belongs to another account."


async def test_an_old_session_is_asked_to_authenticate_before_every_change(
    backend: Backend, ana: User, ana_token: str, store_file: Path
) -> None:
    await add_passkey(ana_token)
    state = await tab("/settings/security", ana_token).state(PasskeySettings)
    sent = await PasskeySettings.add.fn(state, {})
    with closing(sqlite3.connect(store_file, isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")
    [passkey] = await backend.passkeys.list_by_user(ana.user_id)

    answers = [
        await PasskeySettings.created.fn(state, PasskeyDevice(origin=ORIGIN).create(options_in(sent))),
        await PasskeySettings.add.fn(state, {}),
        await PasskeySettings.remove.fn(state, passkey.public_id),
    ]

    assert all("/confirm?next=/settings/security" in str(answer) for answer in answers)
    assert await backend.passkeys.list_by_user(ana.user_id) == [passkey]


async def test_a_passkey_is_removed_by_its_owner_only(backend: Backend, ana: User, ana_token: str) -> None:
    await add_passkey(ana_token)
    [passkey] = await backend.passkeys.list_by_user(ana.user_id)
    visitor = await tab("/settings/security").state(PasskeySettings)
    await PasskeySettings.open.fn(visitor)
    await PasskeySettings.remove.fn(visitor, passkey.public_id)
    await PasskeySettings.add.fn(visitor, {"name": "mine"})
    assert visitor.passkeys == []
    assert await backend.passkeys.list_by_user(ana.user_id) == [passkey]

    state = await tab("/settings/security", ana_token).state(PasskeySettings)
    await PasskeySettings.open.fn(state)
    await PasskeySettings.remove.fn(state, state.passkeys[0].public_id)

    assert state.passkeys == []
    assert await backend.passkeys.list_by_user(ana.user_id) == []
