"""The captcha in forms for strangers."""

from collections.abc import Coroutine
from typing import TypeVar

import reflex as rx

from streaming_app.state import services

T = TypeVar("T")


class CaptchaState(rx.State):
    """Which widget the forms show."""

    provider: str = ""
    """Empty if there is no captcha."""
    site_key: str = ""

    @rx.event
    def open(self) -> None:
        """Load the settings of the widget when the page opens."""
        captcha = services.current().captcha
        self.provider, self.site_key = captcha.provider, captcha.site_key


async def after_captcha(form: dict[str, str], address: str, work: Coroutine[None, None, T]) -> T:
    """Check the captcha of a submitted form, and return the result of ``work``.

    Raises ``InvalidError`` for ``captcha``, or ``RateLimitedError``, and closes ``work`` then.
    """
    try:
        await services.current().captcha.check(form.get("captcha", ""), address)
    except BaseException:
        work.close()
        raise
    return await work
