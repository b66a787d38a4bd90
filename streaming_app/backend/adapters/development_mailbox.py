"""Keeps mails instead of sending them, for development."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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


class SharedMails(Protocol):
    """The newest ``MAILS_MAX`` mails of all processes."""

    async def add(self, kept: KeptMail) -> None:
        """Keep a mail, unless the server of the mails does not answer."""
        ...

    async def newest(self) -> list[KeptMail] | None:
        """Return the mails, newest first; ``None`` if their server does not answer."""
        ...


class DevelopmentMailbox:
    """Implements ``accounts.ports.Mailer`` for a site without a mail server.

    Mails are in memory, and are lost when the process ends. A site with several processes also has ``shared`` ones.
    """

    def __init__(self, site_url: str, now: Callable[[], datetime], shared: SharedMails | None = None) -> None:
        """``site_url`` is where nginx serves the site, without a final slash."""
        self._shared = shared
        self._address = site_url + MAILBOX_PAGE
        self._now = now
        self._mails: deque[KeptMail] = deque(maxlen=MAILS_MAX)
        self._was_logged = False

    async def send(self, to: str, mail: Mail) -> bool:
        """Keep ``mail``. The first one also writes to the log where mails are."""
        kept = KeptMail(self._now(), to, mail)
        self._mails.appendleft(kept)
        if self._shared:
            await self._shared.add(kept)
        if not self._was_logged:
            self._was_logged = True
            log.warning("SMTP_URL is not set: mails are kept on %s, which opens on this machine only", self._address)
        return True

    def mails(self) -> list[KeptMail]:
        """Return the mails of this process, newest first."""
        return list(self._mails)

    async def newest(self) -> list[KeptMail]:
        """Return the mails of all processes, newest first."""
        shared = await self._shared.newest() if self._shared else None
        # Mails of this process may be missing there: it was away, or it was restarted.
        mails = dict.fromkeys([*(shared or ()), *self._mails])
        return sorted(mails, key=lambda kept: kept.at, reverse=True)[:MAILS_MAX]
