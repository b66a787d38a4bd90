"""The captcha in forms for strangers."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import reflex as rx

from streaming_app.backend.errors import InvalidError
from streaming_app.state import services

T = TypeVar("T")

HCAPTCHA_FIELD = "h-captcha-response"
"""Name of the field in which hCaptcha's widget puts its answer."""
TURNSTILE_FIELD = "cf-turnstile-response"
"""Name of the field in which Turnstile's widget puts its answer."""
TRIES = 5
"""How often a form can be submitted with one answer, until its fields are right."""
SCRIPT_FAILED = "script-error"
"""What hCaptcha's widget reports if its script could not be loaded."""


class CaptchaState(rx.State):
    """Which widget the forms show."""

    provider: str = ""
    """Empty if there is no captcha."""
    site_key: str = ""
    has_failed: bool = False
    """Whether the browser could not load the script of the widget."""
    is_accepted: bool = False
    """Whether the next try needs no answer: one was accepted, and then its form was refused because of its fields."""
    _tries_left: int = 0

    @rx.event
    def open(self) -> None:
        """Load the settings of the widget when the page opens."""
        captcha = services.current().captcha
        self.provider, self.site_key, self.has_failed = captcha.provider, captcha.site_key, False
        self.is_accepted, self._tries_left = False, 0

    @rx.event
    def fail(self, reason: str) -> None:
        """Say that the widget could not be loaded. The widget itself shows its other errors."""
        self.has_failed = reason == SCRIPT_FAILED

    @property
    def guard(self) -> Callable[[dict[str, str], Coroutine[None, None, Any]], Awaitable[Any]]:
        """What ``after_captcha`` calls. A property, because browsers can call the public methods of a state."""
        return self._guard

    async def _guard(self, form: dict[str, str], work: Coroutine[None, None, Any]) -> Any:
        tries_left, self.is_accepted, self._tries_left = self._tries_left, False, 0
        if not tries_left:
            answer = form.get(HCAPTCHA_FIELD) or form.get(TURNSTILE_FIELD, "")
            try:
                await services.current().captcha.check(answer, self.router.session.client_ip)
            except BaseException:
                work.close()
                raise
            tries_left = TRIES
        try:
            return await work
        except InvalidError:
            self._tries_left = tries_left - 1
            self.is_accepted = self._tries_left > 0
            raise


async def after_captcha(state: rx.State, form: dict[str, str], work: Coroutine[None, None, T]) -> T:
    """Check the captcha of a form that was submitted in the tab of ``state``, and return the result of ``work``.

    Raises ``InvalidError`` for ``captcha``, or ``RateLimitedError``, and closes ``work`` then. If ``work`` raises
    ``InvalidError``, the user can correct the fields and submit the form again without a new answer.
    """
    return await (await state.get_state(CaptchaState)).guard(form, work)
