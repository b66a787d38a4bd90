"""Keeps mails in memory instead of sending them, for development."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.accounts.account_mails import MAILBOX_PAGE
from streaming_app.backend.accounts.mails import Mail

log = logging.getLogger(__name__)

MAILS_MAX = 50
"""Number of the newest mails that are kept. A mail has a few kilobytes."""


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that was not sent."""

    at: datetime
    to: str
    mail: Mail


class DevelopmentMailbox:
    """Implements ``accounts.ports.Mailer`` for a site without a mail server. Mails are lost when the process ends."""

    def __init__(self, site_url: str, now: Callable[[], datetime]) -> None:
        """``site_url`` is where nginx serves the site, without a final slash."""
        self._address = site_url + MAILBOX_PAGE
        self._now = now
        self._mails: deque[KeptMail] = deque(maxlen=MAILS_MAX)
        self._was_logged = False

    async def send(self, to: str, mail: Mail) -> bool:
        """Keep ``mail``. The first one also writes to the log where mails are."""
        self._mails.appendleft(KeptMail(self._now(), to, mail))
        if not self._was_logged:
            self._was_logged = True
            log.warning("SMTP_URL is not set: mails are kept on %s, which opens on this machine only", self._address)
        return True

    def mails(self) -> list[KeptMail]:
        """Return the kept mails, newest first."""
        return list(self._mails)
