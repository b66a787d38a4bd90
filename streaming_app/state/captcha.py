"""The captcha in forms for strangers."""

from collections.abc import Coroutine
from typing import TypeVar

import reflex as rx

from streaming_app.state import services

T = TypeVar("T")

HCAPTCHA_FIELD = "h-captcha-response"
"""Name of the field in which hCaptcha's widget puts its answer."""
TURNSTILE_FIELD = "cf-turnstile-response"
"""Name of the field in which Turnstile's widget puts its answer."""
SCRIPT_FAILED = "script-error"
"""What hCaptcha's widget reports if its script could not be loaded."""


class CaptchaState(rx.State):
    """Which widget the forms show."""

    provider: str = ""
    """Empty if there is no captcha."""
    site_key: str = ""
    has_failed: bool = False
    """Whether the browser could not load the script of the widget."""

    @rx.event
    def open(self) -> None:
        """Load the settings of the widget when the page opens."""
        captcha = services.current().captcha
        self.provider, self.site_key, self.has_failed = captcha.provider, captcha.site_key, False

    @rx.event
    def fail(self, reason: str) -> None:
        """Say that the widget could not be loaded. The widget itself shows its other errors."""
        self.has_failed = reason == SCRIPT_FAILED


async def after_captcha(form: dict[str, str], address: str, work: Coroutine[None, None, T]) -> T:
    """Check the captcha of a submitted form, and return the result of ``work``.

    Raises ``InvalidError`` for ``captcha``, or ``RateLimitedError``, and closes ``work`` then.
    """
    answer = form.get(HCAPTCHA_FIELD) or form.get(TURNSTILE_FIELD, "")
    try:
        await services.current().captcha.check(answer, address)
    except BaseException:
        work.close()
        raise
    return await work
