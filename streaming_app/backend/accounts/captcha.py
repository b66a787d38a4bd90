"""The port of an optional captcha, which forms for strangers contain if the operator wants it."""

from typing import Protocol


class Captcha(Protocol):
    """Checks that a person sent a form."""

    @property
    def provider(self) -> str:
        """Name of the provider, whose widget the pages show; empty if there is no captcha."""
        ...

    @property
    def site_key(self) -> str:
        """The public key of the site at the provider."""
        ...

    async def check(self, answer: str, address: str) -> None:
        """Check the answer of the widget, for a client at ``address``.

        Raises ``InvalidError`` for ``captcha`` if the answer is missing, wrong or expired, was used before, or cannot
        be checked; and ``RateLimitedError``.
        """
        ...


class NoCaptcha:
    """Accepts every form."""

    provider = ""
    site_key = ""

    async def check(self, answer: str, address: str) -> None:
        """Accept the form."""
