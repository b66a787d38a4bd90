"""The registration and sign-in forms: errors, kept values and redirects."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from reflex.event import EventSpec

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.errors import BusyError
from streaming_app.state import page_cancellation
from streaming_app.state.account_forms import FormErrors, RegisterState
from streaming_app.state.error_handlers import STORE_UNAVAILABLE
from streaming_app.state.login_form import LoginState
from streaming_app.state.session import SessionState, refresh_user
from tests.rig.broken_store import without_table
from tests.state.conftest import PASSWORD, Tab

Submit = Callable[..., AsyncIterator[EventSpec | None]]


async def submitted(handler: Submit, state: LoginState | RegisterState, **form: str) -> str:
    """Return the last event that the handler sends to the browser."""
    last = None
    async for event in handler(state, form):
        last = event
    return str(last)


async def test_signing_in_gives_the_browser_a_ticket_and_the_next_page(backend: Backend, ana: User) -> None:
    login = await Tab("http://site.test/login?next=/c/bob").state(LoginState)

    script = await submitted(LoginState.submit.fn, login, login="ana", password=PASSWORD)

    assert "redeemTicket" in script
    assert "/c/bob" in script
    assert login.pending


@pytest.mark.parametrize("wanted", ["//evil.test", "/%5Cevil.test", "https://evil.test", "javascript:alert(1)"])
async def test_signing_in_never_leads_to_another_site(backend: Backend, ana: User, wanted: str) -> None:
    login = await Tab(f"http://site.test/login?next={wanted}").state(LoginState)

    script = await submitted(LoginState.submit.fn, login, login="ana", password=PASSWORD)

    assert "evil" not in script
    assert "alert" not in script


@pytest.mark.parametrize(
    ("login", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("ana", " "), ("ana", "x" * 5000)]
)
async def test_a_wrong_name_and_a_wrong_password_have_the_same_error(
    backend: Backend, ana: User, login: str, password: str
) -> None:
    tab = Tab("http://site.test/login")
    state = await tab.state(LoginState)

    await submitted(LoginState.submit.fn, state, login=login, password=password)

    assert state.errors.password == "Wrong username or password."
    assert not state.pending
    assert PASSWORD not in tab.shown()


@pytest.mark.parametrize(
    ("login", "password", "wrong"),
    [("", "", {"login", "password"}), (" ", PASSWORD, {"login"}), ("ana", "", {"password"})],
)
async def test_signing_in_says_which_field_is_empty(
    backend: Backend, ana: User, login: str, password: str, wrong: set[str]
) -> None:
    state = await Tab("http://site.test/login").state(LoginState)

    await submitted(LoginState.submit.fn, state, login=login, password=password)

    assert {name for name, words in asdict(state.errors).items() if words.startswith("Enter your")} == wrong
    assert not state.pending


async def test_registering_reports_all_errors_at_once(backend: Backend) -> None:
    state = await Tab("http://site.test/register").state(RegisterState)

    form = {"username": "a", "email": "bob@", "password": "short"}
    await submitted(RegisterState.submit.fn, state, **form)

    assert {name for name, words in asdict(state.errors).items() if words} == {"username", "email", "password"}


async def test_a_form_reports_a_store_outage_and_can_be_sent_again(
    backend: Backend, ana: User, store_file: Path
) -> None:
    login = await Tab("http://site.test/login").state(LoginState)
    register = await Tab("http://site.test/register").state(RegisterState)
    bob = {"username": "bob", "email": "bob@example.com", "password": PASSWORD}

    with without_table(store_file):
        await submitted(LoginState.submit.fn, login, login="ana", password=PASSWORD)
        await submitted(RegisterState.submit.fn, register, **bob)

    for state in (login, register):
        assert state.errors == FormErrors(form=STORE_UNAVAILABLE)
        assert not state.pending
    assert "redeemTicket" in await submitted(LoginState.submit.fn, login, login="ana", password=PASSWORD)
    assert "redeemTicket" in await submitted(RegisterState.submit.fn, register, **bob)


async def test_a_form_without_its_fields_is_refused(backend: Backend) -> None:
    state = await Tab("http://site.test/login").state(LoginState)

    await submitted(LoginState.submit.fn, state)

    assert state.errors.password


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("username", "", "Use 3 to 25 characters."),
        ("username", "an a", "Use letters a to z"),
        ("username", "<script>", "Use letters a to z"),
        ("username", "admin", "reserved"),
        ("username", "ANA", "taken"),
        ("email", "", "Enter a valid email"),
        ("email", "bob@", "Enter a valid email"),
        ("email", "ANA@example.com", "An account with this email"),
        ("password", "", "Use 8 characters or more."),
        ("password", "short", "Use 8 characters or more."),
        ("password", "é" * 300, "Use 256 characters or fewer. You entered 300."),
    ],
)
async def test_registering_shows_errors_at_their_fields(
    backend: Backend, ana: User, field: str, value: str, error: str
) -> None:
    state = await Tab("http://site.test/register").state(RegisterState)
    form = {"username": "bob", "email": "bob@example.com", "password": PASSWORD} | {field: value}

    await submitted(RegisterState.submit.fn, state, **form)

    errors = {name: getattr(state.errors, name) for name in ("username", "email", "password", "form")}
    assert error in errors.pop(field)
    assert set(errors.values()) == {""}
    assert not state.pending


async def test_registering_signs_in(backend: Backend) -> None:
    state = await Tab("http://site.test/register").state(RegisterState)

    script = await submitted(RegisterState.submit.fn, state, username="bob", email="bob@example.com", password=PASSWORD)

    assert "redeemTicket" in script
    assert await backend.accounts.sign_in("BOB@example.com", PASSWORD, "192.0.2.1")


async def test_a_failed_redemption_of_a_ticket_is_shown(backend: Backend) -> None:
    state = await Tab("http://site.test/login").state(LoginState)

    LoginState.ticket_refused.fn(state, "No answer from the site.")

    assert state.errors.form == "No answer from the site."


async def test_a_signed_in_user_is_redirected(backend: Backend, ana_token: str) -> None:
    tab = Tab("http://site.test/login?next=/studio", ana_token)
    await refresh_user(await tab.state(SessionState))

    sent = await LoginState.open.fn(await tab.state(LoginState))

    assert "/studio" in str(sent)


async def test_work_is_cancelled_when_its_page_is_closed() -> None:
    answers = iter([True, False, True, False, False])
    given_up: list[str] = []

    async def wait_for_ever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            given_up.append("given up")
            raise

    with page_cancellation.using_tab_check(lambda _tab: next(answers)):
        assert await page_cancellation.cancel_when_closed("tab", wait_for_ever(), poll_seconds=0.001) is None
    await asyncio.sleep(0)

    assert given_up
    assert next(answers, None) is None


async def test_work_for_an_open_page_finishes_and_its_errors_reach_the_page() -> None:
    async def refuse() -> str:
        raise BusyError

    with page_cancellation.using_tab_check(lambda _tab: True):
        result = await page_cancellation.cancel_when_closed("tab", asyncio.sleep(0.01, "done"), poll_seconds=0.001)
        assert result == "done"
        with pytest.raises(BusyError):
            await page_cancellation.cancel_when_closed("tab", refuse())
