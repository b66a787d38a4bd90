"""Who may register: everybody, people with an invitation, or nobody. Every way to create an account passes here."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from enum import StrEnum

from streaming_app.backend.accounts.invitations import Invitations, resolve_claim, resolve_old_claims
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.errors import ForbiddenError, StoreUnavailableError

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

        async with self._gate.admit(user.user_id, invitation_hash):
            await self._users.add(user)

    The use of an invitation is claimed for the id of the account before the account exists. If the process dies in
    between, the use is taken back when the claim is ``CLAIM_LIFETIME`` old and the account still does not exist.
    """

    def __init__(
        self, mode: RegistrationMode, invitations: Invitations, users: Users, now: Callable[[], datetime]
    ) -> None:
        self.mode = mode
        self._invitations = invitations
        self._users = users
        self._now = now

    async def check(self, invitation_hash: str = "", user_id: str = "") -> None:
        """Raises ``ForbiddenError`` if ``admit`` would.

        ``invitation_hash`` is that of ``hash_of_invitation``. ``user_id`` is the id of the new account, if it is known.
        """
        if self.mode is RegistrationMode.CLOSED:
            raise ForbiddenError(CLOSED)
        if self.mode is RegistrationMode.OPEN:
            return
        now = self._now()
        await resolve_old_claims(self._invitations, self._users, now)
        if not await self._invitations.is_usable(invitation_hash, now, user_id):
            raise ForbiddenError(NOT_INVITED)

    @asynccontextmanager
    async def admit(self, user_id: str, invitation_hash: str = "") -> AsyncGenerator[None]:
        """Count one use of the invitation while the block creates an account with this id.

        The use is taken back if the block raises without having created the account. Raises ``ForbiddenError``.
        """
        await self.check(invitation_hash, user_id)
        if self.mode is RegistrationMode.OPEN:
            yield
            return
        if not await self._invitations.claim(invitation_hash, user_id, self._now()):
            raise ForbiddenError(NOT_INVITED)
        try:
            yield
        except Exception:
            with suppress(StoreUnavailableError):
                await resolve_claim(self._invitations, self._users, user_id)
            raise
        await self._invitations.settle(user_id)
