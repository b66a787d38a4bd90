"""Checking captchas at a server with the providers' protocol."""

from collections.abc import AsyncIterator
from time import monotonic

import pytest
from fastapi.responses import Response

from streaming_app.backend.accounts.captcha import Captcha, NoCaptcha
from streaming_app.backend.adapters.http_captcha import BURST, REFILL, HttpCaptcha, captcha_of, widget_origins
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import InvalidError, RateLimitedError
from streaming_app.backend.rate_limit import RateLimit, limits_in_process
from tests.rig.captcha_server import OUT_OF_ORDER, SECRET, SITE_KEY, CaptchaServer, running_captcha_server
from tests.rig.ports import free_port
from tests.rig.serving import mute

ADDRESS = "192.0.2.1"
NOT_AVAILABLE = "The check that you are human is not available right now. Try again in a moment."


@pytest.fixture
async def provider() -> AsyncIterator[CaptchaServer]:
    async with running_captcha_server() as server:
        yield server


@pytest.fixture
def captcha(provider: CaptchaServer) -> Captcha:
    return HttpCaptcha("turnstile", SITE_KEY, SECRET, provider.url, limit())


def limit() -> RateLimit:
    return RateLimit(BURST, REFILL, monotonic, "Too many attempts.")


async def refusal(captcha: Captcha, answer: str) -> str:
    with pytest.raises(InvalidError) as refused:
        await captcha.check(answer, ADDRESS)
    assert refused.value.field == "captcha"
    return refused.value.public_message


async def test_a_right_answer_is_accepted_once(provider: CaptchaServer, captcha: Captcha) -> None:
    provider.valid = {"answer"}

    await captcha.check("answer", ADDRESS)

    assert "has expired or failed" in await refusal(captcha, "answer")
    form = {"secret": SECRET, "response": "answer", "sitekey": SITE_KEY, "remoteip": ADDRESS}
    assert provider.forms == [form, form]


async def test_a_wrong_answer_is_refused(captcha: Captcha) -> None:
    assert "has expired or failed" in await refusal(captcha, "a guess")


@pytest.mark.parametrize("answer", ["", "x" * 10_000])
async def test_the_provider_is_not_asked_about_a_missing_or_too_long_answer(
    provider: CaptchaServer, captcha: Captcha, answer: str
) -> None:
    assert await refusal(captcha, answer) == "Confirm that you are human."
    assert provider.forms == []


@pytest.mark.parametrize("broken", OUT_OF_ORDER[:3])
async def test_a_form_is_refused_while_the_provider_is_out_of_order(
    provider: CaptchaServer, captcha: Captcha, broken: Response
) -> None:
    provider.valid, provider.broken = {"answer"}, broken

    assert await refusal(captcha, "answer") == NOT_AVAILABLE


async def test_only_true_counts_as_success(provider: CaptchaServer, captcha: Captcha) -> None:
    provider.valid, provider.broken = {"answer"}, OUT_OF_ORDER[3]

    assert await refusal(captcha, "answer")


async def test_a_form_is_refused_if_the_provider_cannot_be_reached() -> None:
    captcha = HttpCaptcha("hcaptcha", SITE_KEY, SECRET, f"http://127.0.0.1:{free_port()}/siteverify", limit())

    assert await refusal(captcha, "answer") == NOT_AVAILABLE


async def test_a_form_is_refused_if_the_provider_does_not_answer_in_time() -> None:
    port = free_port()
    captcha = HttpCaptcha(
        "hcaptcha", SITE_KEY, SECRET, f"http://127.0.0.1:{port}/siteverify", limit(), timeout_seconds=0.05
    )

    async with mute(port):
        assert await refusal(captcha, "answer") == NOT_AVAILABLE


async def test_a_wrong_secret_is_logged_for_the_operator_without_the_secret(
    provider: CaptchaServer, caplog: pytest.LogCaptureFixture
) -> None:
    captcha = HttpCaptcha("turnstile", SITE_KEY, "a wrong secret", provider.url, limit())

    assert await refusal(captcha, "answer") == NOT_AVAILABLE
    [line] = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert line == "turnstile refuses CAPTCHA_SITE_KEY or CAPTCHA_SECRET: invalid-input-secret"


async def test_checks_of_one_address_are_limited(captcha: Captcha) -> None:
    for _ in range(BURST):
        await refusal(captcha, "a guess")

    with pytest.raises(RateLimitedError):
        await captcha.check("a guess", ADDRESS)
    with pytest.raises(InvalidError):
        await captcha.check("a guess", "192.0.2.2")


async def test_there_is_no_captcha_by_default() -> None:
    captcha = captcha_of(Settings(), limits_in_process(monotonic))

    await captcha.check("", ADDRESS)
    assert isinstance(captcha, NoCaptcha)
    assert (captcha.provider, widget_origins(Settings())) == ("", ())


@pytest.mark.parametrize(
    ("name", "origin"), [("hcaptcha", "https://*.hcaptcha.com"), ("turnstile", "https://challenges.cloudflare.com")]
)
def test_each_provider_has_its_origins(name: str, origin: str) -> None:
    keys = {"captcha_site_key": SITE_KEY, "captcha_secret": SECRET}
    settings = Settings.model_validate({"captcha_provider": name, **keys})

    assert captcha_of(settings, limits_in_process(monotonic)).provider == name
    assert origin in widget_origins(settings)
