"""Checks captchas at hCaptcha or Cloudflare Turnstile. Both have the same protocol."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from streaming_app.backend.accounts.captcha import Captcha, NoCaptcha
from streaming_app.backend.client_addresses import limit_key
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import InvalidError
from streaming_app.backend.failure_causes import cause_of
from streaming_app.backend.rate_limit import NewRateLimit, RateLimit

log = logging.getLogger(__name__)

ANSWER_MAX = 8_192
"""Maximum length of an answer. Those of the providers have 2,000 to 5,000 characters."""
TIMEOUT_SECONDS = 5.0
BURST, REFILL = 20, timedelta(seconds=5)
"""Checks for one address: so many at once, then one more in each interval."""
_OUR_MISTAKES = {"missing-input-secret", "invalid-input-secret", "sitekey-secret-mismatch", "not-using-dummy-secret"}
"""Error codes for wrong settings of the site."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where a provider checks answers, and the origins that its widget loads from."""

    verify_url: str
    origins: tuple[str, ...]


PROVIDERS = {
    "hcaptcha": Provider("https://api.hcaptcha.com/siteverify", ("https://hcaptcha.com", "https://*.hcaptcha.com")),
    "turnstile": Provider(
        "https://challenges.cloudflare.com/turnstile/v0/siteverify", ("https://challenges.cloudflare.com",)
    ),
}


def captcha_of(settings: Settings, new_limit: NewRateLimit) -> Captcha:
    """Return the captcha of the settings."""
    if not (settings.captcha_provider and settings.captcha_site_key and settings.captcha_secret):
        return NoCaptcha()
    verify_url = str(settings.captcha_verify_url or PROVIDERS[settings.captcha_provider].verify_url)
    secret = settings.captcha_secret.get_secret_value()
    limit = new_limit("captcha", BURST, REFILL, "Too many attempts.")
    return HttpCaptcha(settings.captcha_provider, settings.captcha_site_key, secret, verify_url, limit)


def widget_origins(settings: Settings) -> tuple[str, ...]:
    """Return the origins whose scripts, frames and styles the Content-Security-Policy of pages must allow."""
    return PROVIDERS[settings.captcha_provider].origins if settings.captcha_provider else ()


class HttpCaptcha:
    """Implements ``accounts.captcha.Captcha``. A form is refused if the provider cannot be reached."""

    def __init__(
        self,
        provider: str,
        site_key: str,
        secret: str,
        verify_url: str,
        limit: RateLimit,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.provider = provider
        self.site_key = site_key
        self._secret = secret
        self._verify_url = verify_url
        self._timeout_seconds = timeout_seconds
        self._limit = limit

    async def check(self, answer: str, address: str) -> None:
        if not answer or len(answer) > ANSWER_MAX:
            raise InvalidError("captcha", "Confirm that you are human.")
        await self._limit.spend(limit_key(address))
        result = await self._verify(answer, address)
        if result.get("success") is True:
            return
        codes = {str(code) for code in result.get("error-codes") or ()}
        if codes & _OUR_MISTAKES:
            log.error("%s refuses CAPTCHA_SITE_KEY or CAPTCHA_SECRET: %s", self.provider, ", ".join(sorted(codes)))
            raise _not_available()
        raise InvalidError("captcha", "The check has expired or failed. Confirm again that you are human.")

    async def _verify(self, answer: str, address: str) -> dict[str, Any]:
        form = {"secret": self._secret, "response": answer, "sitekey": self.site_key, "remoteip": address}
        try:
            async with httpx.AsyncClient(timeout=self._timeout_seconds) as client:
                response = await client.post(self._verify_url, data=form)
            result = response.json()
        except (httpx.HTTPError, ValueError) as failed:
            log.warning("%s cannot be asked about a captcha: %s", self.provider, cause_of(failed))
            raise _not_available() from None
        if not isinstance(result, dict):
            raise _not_available()
        return result


def _not_available() -> InvalidError:
    return InvalidError("captcha", "The check that you are human is not available right now. Try again in a moment.")
