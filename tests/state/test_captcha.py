"""The captcha in the forms for strangers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import NotFoundError
from streaming_app.state import services
from streaming_app.state.account_forms import RegisterState
from streaming_app.state.captcha import HCAPTCHA_FIELD, SCRIPT_FAILED, TRIES, TURNSTILE_FIELD, CaptchaState
from streaming_app.state.password_forms import ForgotPasswordState
from tests.rig.captcha_server import SECRET, SITE_KEY, CaptchaServer, running_captcha_server
from tests.rig.password_hashing import with_quick_hashes
from tests.state.conftest import Tab

BOB = {"username": "bob", "email": "bob@example.com", "password": "correct horse"}


@pytest.fixture
async def provider() -> AsyncIterator[CaptchaServer]:
    async with running_captcha_server() as server:
        yield server


@pytest.fixture
async def backend(tmp_path: Path, provider: CaptchaServer) -> AsyncIterator[Backend]:
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path / "data",
            "supervise": "none",
            "captcha_provider": "hcaptcha",
            "captcha_site_key": SITE_KEY,
            "captcha_secret": SECRET,
            "captcha_verify_url": provider.url,
        }
    )
    async with open_backend(with_quick_hashes(settings)) as backend:
        with services.using(backend):
            yield backend


async def submit(state: RegisterState | ForgotPasswordState, **form: str) -> None:
    async for _ in type(state).submit.fn(state, form):
        pass


async def test_a_registration_needs_a_right_answer(backend: Backend, provider: CaptchaServer) -> None:
    state = await Tab("http://site.test/register").state(RegisterState)
    provider.valid = {"answer"}

    for wrong in ("", "a guess"):
        await submit(state, **BOB, **{HCAPTCHA_FIELD: wrong})
        assert state.errors.captcha
        assert not state.pending
        with pytest.raises(NotFoundError):
            await backend.store.users.get_by_login("bob")
    await submit(state, **BOB, **{HCAPTCHA_FIELD: "answer"})

    assert not state.errors.captcha
    assert (await backend.store.users.get_by_login("bob")).username == "bob"


async def test_an_answer_is_kept_for_some_tries_if_the_fields_are_refused(
    backend: Backend, provider: CaptchaServer
) -> None:
    tab = Tab("http://site.test/register")
    state, captcha = await tab.state(RegisterState), await tab.state(CaptchaState)
    provider.valid = {"answer"}
    refused = {**BOB, "username": "b"}

    await submit(state, **refused, **{HCAPTCHA_FIELD: "answer"})
    assert (state.errors.captcha, captcha.is_accepted) == ("", True)
    for _ in range(TRIES - 1):
        await submit(state, **refused)
        assert (bool(state.errors.username), state.errors.captcha) == (True, "")

    assert not captcha.is_accepted
    await submit(state, **BOB)
    assert state.errors.captcha
    assert len(provider.forms) == 1


async def test_an_answer_is_used_up_by_a_form_that_was_accepted(backend: Backend, provider: CaptchaServer) -> None:
    tab = Tab("http://site.test/register")
    state, captcha = await tab.state(RegisterState), await tab.state(CaptchaState)
    provider.valid = {"answer"}

    await submit(state, **{**BOB, "username": "b"}, **{HCAPTCHA_FIELD: "answer"})
    await submit(state, **BOB)
    assert (await backend.store.users.get_by_login("bob")).username == "bob"
    assert not captcha.is_accepted
    await submit(state, **{**BOB, "username": "carl", "email": "carl@example.com"})

    assert state.errors.captcha == "Confirm that you are human."


async def test_a_reset_link_needs_a_right_answer(backend: Backend, provider: CaptchaServer) -> None:
    state = await Tab("http://site.test/forgot-password").state(ForgotPasswordState)
    provider.valid = {"answer"}

    await submit(state, email="bob@example.com")
    assert (state.captcha_error, state.error, state.sent_to) == ("Confirm that you are human.", "", "")
    await submit(state, email="bob@example.com", **{TURNSTILE_FIELD: "answer"})

    assert state.sent_to == "bob@example.com"


async def test_the_page_gets_the_site_key_and_not_the_secret(backend: Backend) -> None:
    tab = Tab("http://site.test/register")
    state = await tab.state(CaptchaState)

    CaptchaState.open.fn(state)

    assert (state.provider, state.site_key) == ("hcaptcha", SITE_KEY)
    assert SECRET not in tab.shown()


async def test_only_a_script_that_could_not_be_loaded_is_reported_by_the_page(backend: Backend) -> None:
    state = await Tab("http://site.test/register").state(CaptchaState)
    CaptchaState.open.fn(state)

    CaptchaState.fail.fn(state, "challenge-expired")
    assert not state.has_failed
    CaptchaState.fail.fn(state, SCRIPT_FAILED)
    assert state.has_failed
    CaptchaState.open.fn(state)

    assert not state.has_failed
