"""The forms for a new password, in the settings and by a reset link."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl
from reflex.event import EventSpec

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import NotSignedInError
from streaming_app.state import services
from streaming_app.state.account_forms import FormErrors
from streaming_app.state.password_forms import ChangePasswordState, ForgotPasswordState, ResetPasswordState
from tests.state.conftest import PASSWORD, Tab

NEW = "battery staple"
RESET_PAGE = "http://site.test/reset-password"

Submit = Callable[..., AsyncIterator[EventSpec | None]]


async def submit(
    handler: Submit, state: ChangePasswordState | ForgotPasswordState | ResetPasswordState, **form: str
) -> str:
    """Submit a form and return the last event for the browser."""
    last = None
    async for event in handler(state, form):
        last = event
    return str(last)


async def test_a_changed_password_gives_this_browser_a_new_session(backend: Backend, ana_token: str) -> None:
    state = await Tab("http://site.test/settings/security", ana_token).state(ChangePasswordState)

    script = await submit(ChangePasswordState.submit.fn, state, current_password=PASSWORD, password=NEW)

    assert "redeemTicket" in script
    assert "/settings/security?changed" in script
    with pytest.raises(NotSignedInError):
        await backend.accounts.sessions.verify(ana_token)
    assert await backend.accounts.sign_in("ana", NEW, "192.0.2.1")


@pytest.mark.parametrize(
    ("current", "new", "field", "error"),
    [
        ("wrong", NEW, "current_password", "Wrong password."),
        ("", NEW, "current_password", "Enter your password."),
        (PASSWORD, "short", "password", "Use 8 characters or more."),
        (PASSWORD, "password123", "password", "Many people use this password"),
    ],
)
async def test_a_refused_change_shows_the_error_at_the_field(
    backend: Backend, ana_token: str, current: str, new: str, field: str, error: str
) -> None:
    state = await Tab("http://site.test/settings/security", ana_token).state(ChangePasswordState)

    await submit(ChangePasswordState.submit.fn, state, current_password=current, password=new)

    assert error in getattr(state.errors, field)
    assert not state.pending
    assert await backend.accounts.sessions.verify(ana_token)


async def test_a_change_without_a_session_is_refused(backend: Backend, ana: User) -> None:
    state = await Tab("http://site.test/settings/security").state(ChangePasswordState)

    await submit(ChangePasswordState.submit.fn, state, current_password=PASSWORD, password=NEW)

    assert "signed out" in state.errors.form
    assert await backend.accounts.sign_in("ana", PASSWORD, "192.0.2.1")


async def test_a_reset_link_shows_its_user_sets_the_password_and_signs_in(backend: Backend, ana: User) -> None:
    tab = Tab(RESET_PAGE)
    state = await tab.state(ResetPasswordState)
    secret = await backend.passwords.create_reset_secret("ana")

    await ResetPasswordState.check_link.fn(state, secret)
    assert state.username == "Ana"
    script = await submit(ResetPasswordState.submit.fn, state, password=NEW)

    assert "redeemTicket" in script
    assert await backend.accounts.sign_in("ana", NEW, "192.0.2.1")
    assert secret not in tab.shown()


@pytest.mark.parametrize("secret", ["", "unknown", "x" * 100_000])
async def test_an_invalid_reset_link_says_so(backend: Backend, ana: User, secret: str) -> None:
    state = await Tab(RESET_PAGE).state(ResetPasswordState)

    await ResetPasswordState.check_link.fn(state, secret)
    await submit(ResetPasswordState.submit.fn, state, password=NEW)

    assert "no longer valid" in state.invalid
    assert "no longer valid" in state.errors.form
    assert await backend.accounts.sign_in("ana", PASSWORD, "192.0.2.1")


async def test_a_password_that_is_easy_to_guess_keeps_the_reset_link_valid(backend: Backend, ana: User) -> None:
    state = await Tab(RESET_PAGE).state(ResetPasswordState)
    await ResetPasswordState.check_link.fn(state, await backend.passwords.create_reset_secret("ana"))

    await submit(ResetPasswordState.submit.fn, state, password="ana@example.com")  # noqa: S106 - refused
    assert "easy to guess" in state.errors.password

    assert "redeemTicket" in await submit(ResetPasswordState.submit.fn, state, password=NEW)


async def test_a_reset_page_that_opens_again_forgets_the_link(backend: Backend, ana: User) -> None:
    state = await Tab(RESET_PAGE).state(ResetPasswordState)
    await ResetPasswordState.check_link.fn(state, await backend.passwords.create_reset_secret("ana"))
    await submit(ResetPasswordState.submit.fn, state, password="ana@example.com")  # noqa: S106 - refused

    assert "readFragment" in str(ResetPasswordState.show.fn(state))
    assert (state.username, state.invalid, state.errors, state.pending) == ("", "", FormErrors(), False)

    await submit(ResetPasswordState.submit.fn, state, password=NEW)
    assert "no longer valid" in state.errors.form


async def test_a_public_site_without_mail_names_the_operator(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "public", public_url=AnyHttpUrl("https://site.test"), supervise=frozenset())
    state = await Tab("https://site.test/forgot-password").state(ForgotPasswordState)

    async with open_backend(settings) as backend:
        with services.using(backend):
            ForgotPasswordState.show.fn(state)

    assert (state.step, state.uses_mailbox) == ("operator", False)


async def test_a_site_in_development_names_its_mailbox(backend: Backend) -> None:
    state = await Tab("http://site.test/forgot-password").state(ForgotPasswordState)

    ForgotPasswordState.show.fn(state)

    assert (state.step, state.uses_mailbox) == ("ask", True)


@pytest.mark.parametrize("email", ["ana@example.com", " nobody@example.com "])
async def test_a_requested_link_is_confirmed_in_the_same_words_for_every_email(
    backend: Backend, ana: User, email: str
) -> None:
    state = await Tab("http://site.test/forgot-password").state(ForgotPasswordState)

    await submit(ForgotPasswordState.submit.fn, state, email=email)

    assert (state.sent_to, state.error, state.pending) == (email.strip(), "", False)


async def test_an_invalid_email_is_refused_at_the_field(backend: Backend) -> None:
    state = await Tab("http://site.test/forgot-password").state(ForgotPasswordState)

    await submit(ForgotPasswordState.submit.fn, state, email="ana")

    assert (state.sent_to, state.pending) == ("", False)
    assert state.error == "Enter a valid email, like name@example.com."
