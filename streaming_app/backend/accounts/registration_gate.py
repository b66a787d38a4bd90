"""Who may register: everybody, people with an invitation, or nobody. Every way to create an account passes here."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum

from streaming_app.backend.accounts.invitations import Invitations
from streaming_app.backend.errors import ForbiddenError

CLOSED = "Registration on this site is closed."
NOT_INVITED = (
    "You need an invitation to register on this site. If you have a link, open it again. If it does not work, it has"
    " expired, was revoked or was used: ask for another one."
)


class RegistrationMode(StrEnum):
    """Who may register: the setting ``REGISTRATION``."""

    OPEN = "open"
    INVITATION = "invitation"
    CLOSED = "closed"


class RegistrationGate:
    """Enforces the setting, for accounts with a password as well as for accounts of other providers.

    A service that creates an account does it inside ``admit``::

        async with self._gate.admit(invitation_hash):
            await self._users.add(user)
    """

    def __init__(self, mode: RegistrationMode, invitations: Invitations, now: Callable[[], datetime]) -> None:
        self.mode = mode
        self._invitations = invitations
        self._now = now

    async def check(self, invitation_hash: str = "") -> None:
        """Raises ``ForbiddenError`` if ``admit`` would. ``invitation_hash`` is that of ``hash_of_invitation``."""
        if self.mode is RegistrationMode.CLOSED:
            raise ForbiddenError(CLOSED)
        if self.mode is RegistrationMode.INVITATION and not await self._invitations.is_usable(
            invitation_hash, self._now()
        ):
            raise ForbiddenError(NOT_INVITED)

    @asynccontextmanager
    async def admit(self, invitation_hash: str = "") -> AsyncGenerator[None]:
        """Count one use of the invitation while the block creates an account, and take it back if the block raises.

        If the process dies in the block, the use stays counted. Raises ``ForbiddenError``.
        """
        await self.check(invitation_hash)
        if self.mode is RegistrationMode.OPEN:
            yield
            return
        if not await self._invitations.use(invitation_hash, self._now()):
            raise ForbiddenError(NOT_INVITED)
        try:
            yield
        except Exception:
            await self._invitations.give_back(invitation_hash)
            raise
