"""Two-step sign-in: the setup in the settings, the recovery codes, and the form of the second step."""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pyotp.totp import TOTP
from reflex.event import EventSpec

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend, now
from streaming_app.backend.errors import SecondStepNeededError
from streaming_app.state.authenticator_settings import AuthenticatorSettings, AuthenticatorSetup
from streaming_app.state.login_form import LoginState
from streaming_app.state.password_forms import ChangePasswordState, ResetPasswordState
from streaming_app.state.reauthentication import ConfirmState
from streaming_app.state.second_step_form import SecondStepState
from tests.state.conftest import PASSWORD, Tab

SETUP = "http://site.test/settings/security/authenticator-app"
SECURITY = "http://site.test/settings/security"
SECOND_STEP = "http://site.test/login/code?next=/studio"

Submit = Callable[..., AsyncIterator[EventSpec | None]]


async def enable(token: str) -> tuple[AuthenticatorSetup, TOTP, Tab]:
    """Add an app on the page of the setup."""
    tab = Tab(SETUP, token)
    state = await tab.state(AuthenticatorSetup)
    await AuthenticatorSetup.open.fn(state)
    app = TOTP(state.secret.replace(" ", ""))
    await AuthenticatorSetup.enable.fn(state, {"code": app.at(now())})
    return state, app, tab


async def submit(state: SecondStepState, code: str) -> str:
    """Submit the second step and return the last event for the browser."""
    last = None
    handler: Submit = SecondStepState.submit.fn
    async for event in handler(state, {"code": code}):
        last = event
    return str(last)


async def second_step(backend: Backend, user: User) -> SecondStepState:
    """Do the first step and open the page of the second one."""
    with pytest.raises(SecondStepNeededError) as needed:
        await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(user))
    state = await Tab(SECOND_STEP).state(SecondStepState)
    await SecondStepState.check_link.fn(state, needed.value.secret)
    return state


async def test_the_setup_shows_secret_and_qr_code_and_then_the_recovery_codes_once(
    backend: Backend, ana: User, ana_token: str
) -> None:
    tab = Tab(SETUP, ana_token)
    state = await tab.state(AuthenticatorSetup)
    await AuthenticatorSetup.open.fn(state)
    assert len(state.secret.replace(" ", "")) == 32
    assert state.qr_path.startswith("M4 4h1v1h-1z")
    assert state.qr_size > 20

    await AuthenticatorSetup.enable.fn(state, {"code": TOTP(state.secret.replace(" ", "")).at(now())})

    assert len(state.recovery.codes) == 10
    assert state.recovery.text.split("\n") == state.recovery.codes
    assert state.secret == ""
    assert await backend.authenticators.app_of(ana.user_id) is not None
    assert "/settings/security" in str(await AuthenticatorSetup.open.fn(state))
    assert state.recovery.codes == []


async def test_a_wrong_code_is_refused_at_the_field_and_keeps_the_secret(
    backend: Backend, ana: User, ana_token: str
) -> None:
    state = await Tab(SETUP, ana_token).state(AuthenticatorSetup)
    await AuthenticatorSetup.open.fn(state)
    secret = state.secret

    await AuthenticatorSetup.enable.fn(state, {"code": "000000"})

    assert state.code_error.startswith("Wrong code.")
    assert state.secret == secret
    assert await backend.authenticators.app_of(ana.user_id) is None


async def test_the_secret_of_the_browser_is_not_believed(backend: Backend, ana: User, ana_token: str) -> None:
    state = await Tab(SETUP, ana_token).state(AuthenticatorSetup)
    await AuthenticatorSetup.open.fn(state)
    own = TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

    state.secret = own.secret
    await AuthenticatorSetup.enable.fn(state, {"code": own.at(now()), "secret": own.secret})

    assert await backend.authenticators.app_of(ana.user_id) is None


async def test_an_old_session_is_asked_to_authenticate_before_every_change(
    backend: Backend, ana: User, ana_token: str, store_file: Path
) -> None:
    await enable(ana_token)
    before = await backend.authenticators.app_of(ana.user_id)
    with closing(sqlite3.connect(store_file, isolation_level=None)) as database:
        database.execute("UPDATE sessions SET created_at = created_at - 3600000")
    settings = await Tab(SECURITY, ana_token).state(AuthenticatorSettings)
    setup = await Tab(SETUP, ana_token).state(AuthenticatorSetup)

    sent = [
        await AuthenticatorSettings.turn_off.fn(settings),
        await AuthenticatorSettings.replace_codes.fn(settings),
        await AuthenticatorSetup.open.fn(setup),
        await AuthenticatorSetup.enable.fn(setup, {"code": "000000"}),
    ]

    assert all("/confirm?next=/settings/security" in str(event) for event in sent)
    assert await backend.authenticators.app_of(ana.user_id) == before
    assert settings.recovery.codes == []


async def test_the_settings_show_the_app_and_replace_its_codes(backend: Backend, ana: User, ana_token: str) -> None:
    await enable(ana_token)
    state = await Tab(SECURITY, ana_token).state(AuthenticatorSettings)
    await AuthenticatorSettings.open.fn(state)
    assert (state.is_on, state.codes_left, state.recovery.codes) == (True, 10, [])

    await AuthenticatorSettings.replace_codes.fn(state)
    assert len(state.recovery.codes) == 10

    await AuthenticatorSettings.turn_off.fn(state)
    assert (state.is_on, state.recovery.codes) == (False, [])
    assert await backend.authenticators.app_of(ana.user_id) is None


async def test_a_visitor_sees_and_changes_nothing(backend: Backend, ana: User, ana_token: str) -> None:
    await enable(ana_token)
    settings, setup = await Tab(SECURITY).state(AuthenticatorSettings), await Tab(SETUP).state(AuthenticatorSetup)

    await AuthenticatorSettings.open.fn(settings)
    await AuthenticatorSettings.turn_off.fn(settings)
    await AuthenticatorSettings.replace_codes.fn(settings)
    await AuthenticatorSetup.open.fn(setup)

    assert (settings.is_loaded, settings.is_on, settings.recovery.codes, setup.secret) == (False, False, [], "")
    assert await backend.authenticators.app_of(ana.user_id) is not None


async def test_the_second_step_signs_in_and_returns_to_the_page(backend: Backend, ana: User, ana_token: str) -> None:
    _, app, _ = await enable(ana_token)
    state = await second_step(backend, ana)
    assert state.username == "Ana"

    script = await submit(state, app.at(now() + timedelta(seconds=30)))

    assert "redeemTicket" in script
    assert "/studio" in script


async def test_a_wrong_code_is_refused_at_the_field_of_the_second_step(
    backend: Backend, ana: User, ana_token: str
) -> None:
    await enable(ana_token)
    state = await second_step(backend, ana)

    script = await submit(state, "000000")

    assert "redeemTicket" not in script
    assert state.errors.code.startswith("Wrong code.")
    assert not state.pending


@pytest.mark.parametrize("secret", ["", "unknown", "x" * 100_000])
async def test_a_second_step_without_a_first_one_says_so(backend: Backend, ana: User, secret: str) -> None:
    state = await Tab(SECOND_STEP).state(SecondStepState)

    await SecondStepState.check_link.fn(state, secret)
    script = await submit(state, "000000")

    assert (state.username, state.invalid) == ("", "This sign-in has expired. Start again.")
    assert "redeemTicket" not in script


async def is_stopped(backend: Backend, events: AsyncIterator[EventSpec | None]) -> bool:
    """Redeem the ticket of a form, and return whether the site asks for a code instead of opening a session."""
    last = None
    async for event in events:
        last = event
    ticket = re.findall(r"[\w-]{43}", str(last).partition("redeemTicket")[2])[0]
    with pytest.raises(SecondStepNeededError):
        await backend.accounts.sessions.redeem(ticket)
    return True


async def test_no_form_is_a_way_around_the_second_step(backend: Backend, ana: User, ana_token: str) -> None:
    await enable(ana_token)
    login = await Tab("http://site.test/login").state(LoginState)
    confirm = await Tab("http://site.test/confirm", ana_token).state(ConfirmState)
    change = await Tab(SECURITY, ana_token).state(ChangePasswordState)
    reset = await Tab("http://site.test/reset-password").state(ResetPasswordState)
    new = "a staple for each battery"

    assert await is_stopped(backend, LoginState.submit.fn(login, {"login": "ana", "password": PASSWORD}))
    assert await is_stopped(backend, ConfirmState.submit.fn(confirm, {"password": PASSWORD}))
    passwords = {"current_password": PASSWORD, "password": new}
    assert await is_stopped(backend, ChangePasswordState.submit.fn(change, passwords))
    await ResetPasswordState.check_link.fn(reset, await backend.passwords.create_reset_secret("ana"))
    assert await is_stopped(backend, ResetPasswordState.submit.fn(reset, {"password": f"{new}!"}))
