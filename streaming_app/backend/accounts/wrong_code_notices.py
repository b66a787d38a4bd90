"""The mails to users whose password may be known to somebody who fails the second step."""

from contextlib import suppress
from datetime import timedelta

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.model import User
from streaming_app.backend.errors import RateLimitedError
from streaming_app.backend.rate_limit import NewRateLimit

TOLERATED = 2
"""Wrong codes that users may enter without a mail, because people mistype."""
TOLERATED_REFILL = timedelta(hours=1)
"""Interval of further wrong codes without a mail."""
INTERVAL = timedelta(days=1)
"""Minimum time between two mails to the same account, so that nobody can be flooded with mails."""


class WrongCodeNotices:
    """Counts wrong codes of each account, and mails its owner."""

    def __init__(self, mails: AccountMails, new_limit: NewRateLimit) -> None:
        self._mails = mails
        self._tolerated = new_limit("tolerated-codes", TOLERATED, TOLERATED_REFILL, "Several wrong codes.")
        self._notices = new_limit("code-notices", 1, INTERVAL, "A mail was sent today.")

    async def count(self, user: User) -> None:
        """Count a wrong code. Mail the user if there were several of them, at most once in ``INTERVAL``."""
        try:
            await self._tolerated.spend(user.user_id)
        except RateLimitedError:
            with suppress(RateLimitedError):
                await self._notices.spend(user.user_id)
                self._mails.in_background(self._mails.send_wrong_codes_notice(user))
