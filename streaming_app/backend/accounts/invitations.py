"""Invitations: links with which people register on a site that is not open to everybody."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from streaming_app.backend.accounts import staff
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, Party
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.accounts.time_ordered_ids import time_ordered_id
from streaming_app.backend.errors import InvalidError, NotFoundError
from streaming_app.backend.text_cleaning import check_length, visible_line

LIFETIMES = {"1 day": timedelta(days=1), "7 days": timedelta(days=7), "30 days": timedelta(days=30)}
"""How long an invitation is valid, as the form names it."""
USES_MAX = 1000
NOTE_MAX = 80
CLAIM_LIFETIME = timedelta(minutes=2)
"""Age after which a claimed use is taken back if its account does not exist: the registration was interrupted."""
_LISTED = 100
_PURPOSE = "invitation:"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link with which ``uses_max`` people may register. Only a hash of its secret is stored."""

    invitation_id: str
    """Orders the invitations by time."""
    secret_hash: str
    note: str
    """For whom the invitation is; only staff see it."""
    created_by: str
    """Username of the admin."""
    created_at: datetime
    expires_at: datetime
    uses_max: int
    uses: int = 0


class Invitations(Protocol):
    """The repository of invitations. The store deletes expired ones."""

    async def add(self, invitation: Invitation) -> None:
        """Add an invitation."""
        ...

    async def list_valid(self, now: datetime, limit: int) -> list[Invitation]:
        """Return the invitations that have not expired, used up or not, newest first."""
        ...

    async def is_usable(self, secret_hash: str, now: datetime, user_id: str = "") -> bool:
        """Whether an account may be created now with the invitation that has this hash.

        This includes a use that is claimed already for the account with the id ``user_id``.
        """
        ...

    async def claim(self, secret_hash: str, user_id: str, now: datetime) -> bool:
        """Count one use for an account that will be created with this id, in one step.

        Do nothing if the use is claimed for this account already. ``False``, without a change, if the invitation is not
        usable.
        """
        ...

    async def settle(self, user_id: str) -> None:
        """Keep the use that was claimed for this account, because the account exists; do nothing if there is none."""
        ...

    async def release(self, user_id: str) -> None:
        """Take the claimed use back, because there is no such account; do nothing if there is none."""
        ...

    async def claims_before(self, at: datetime) -> list[str]:
        """Return the ids of the accounts for which uses were claimed before ``at``."""
        ...

    async def remove(self, invitation_id: str) -> bool:
        """Delete an invitation; ``False`` if it does not exist."""
        ...


def hash_of_invitation(secret: str) -> str:
    """Return the hash under which the invitation with this secret is stored."""
    return hash_secret(secret, _PURPOSE)


async def resolve_claim(invitations: Invitations, users: Users, user_id: str) -> None:
    """Keep the use that was claimed for an account if the account exists; otherwise take it back."""
    try:
        await users.get(user_id)
    except NotFoundError:
        await invitations.release(user_id)
    else:
        await invitations.settle(user_id)


async def resolve_old_claims(invitations: Invitations, users: Users, now: datetime) -> None:
    """Do the same for all uses that interrupted registrations have claimed."""
    for user_id in await invitations.claims_before(now - CLAIM_LIFETIME):
        await resolve_claim(invitations, users, user_id)


class InvitationService:
    """Creates, lists and revokes invitations. Only for admins."""

    def __init__(
        self, invitations: Invitations, users: Users, now: Callable[[], datetime], audit_log: AuditLog
    ) -> None:
        self._invitations = invitations
        self._users = users
        self._now = now
        self._audit_log = audit_log

    async def create(self, actor: Staff, uses: str, lifetime: str, note: str) -> str:
        """Create an invitation and return its secret, which is shown once.

        ``lifetime`` is one of ``LIFETIMES``. Raises ``ForbiddenError``, or ``InvalidError`` for a field.
        """
        staff.must_be_admin(actor)
        line = check_length(visible_line(note), NOTE_MAX, "note")
        if not (uses.isascii() and uses.isdecimal() and 1 <= int(uses) <= USES_MAX):
            raise InvalidError("uses", f"Enter a whole number from 1 to {USES_MAX}.")
        if lifetime not in LIFETIMES:
            raise InvalidError("lifetime", "Choose how long the invitation is valid.")
        secret, now = secrets.token_urlsafe(24), self._now()
        invitation = Invitation(
            invitation_id=time_ordered_id(now),
            secret_hash=hash_of_invitation(secret),
            note=line,
            created_by=actor.party.name,
            created_at=now,
            expires_at=now + LIFETIMES[lifetime],
            uses_max=int(uses),
        )
        details = f"{uses} uses, {lifetime}" + (f": {line}" if line else "")
        await self._audit_log.record(AuditAction.INVITATION_CREATED, actor.party, details=details)
        await self._invitations.add(invitation)
        return secret

    async def list_valid(self, actor: Staff) -> list[Invitation]:
        """Return the invitations that have not expired, newest first; raises ``ForbiddenError``."""
        staff.must_be_admin(actor)
        await resolve_old_claims(self._invitations, self._users, self._now())
        return await self._invitations.list_valid(self._now(), _LISTED)

    async def revoke(self, actor: Staff, invitation_id: str) -> None:
        """Delete an invitation; do nothing if it does not exist. Raises ``ForbiddenError``."""
        staff.must_be_admin(actor)
        target = Party("invitation", invitation_id)
        await self._audit_log.record(AuditAction.INVITATION_REVOKED, actor.party, target)
        await self._invitations.remove(invitation_id)
