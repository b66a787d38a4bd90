"""What the staff does with accounts: search, suspend, sign out, and change roles."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from streaming_app.backend.accounts import staff
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.ports import UserGroup, Users
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.errors import ConflictError, InvalidError, NotFoundError
from streaming_app.backend.text_cleaning import check_length, visible_line

PAGE = 25
"""Users on one page of the list."""
REASON_MAX = 200
LENGTHS: dict[str, timedelta | None] = {
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "7 days": timedelta(days=7),
    "30 days": timedelta(days=30),
    "1 year": timedelta(days=365),
    "no end": None,
}
"""The lengths of a suspension, as the form names them."""


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of the list of users."""

    users: list[User]
    next_page: str
    """Cursor of the next page; empty on the last page."""


class UserAdministration:
    """The use cases of staff. Every method checks the rights of ``actor``, and records the act before it is done."""

    def __init__(
        self, users: Users, sessions: SessionService, now: Callable[[], datetime], audit_log: AuditLog
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._now = now
        self._audit_log = audit_log

    async def search(self, actor: Staff, text: str, group: UserGroup = UserGroup.ALL, after: str = "") -> UserPage:
        """Return a page of the users whose name contains ``text``, in alphabetical order.

        For admins also those whose email contains it. ``after`` is the cursor of the page.
        """
        found = await self._users.search(
            visible_line(text), with_email=actor.is_admin, group=group, after=after, limit=PAGE + 1
        )
        return UserPage(found[:PAGE], found[PAGE - 1].username if len(found) > PAGE else "")

    async def suspend(self, actor: Staff, user_id: str, reason: str, length: str) -> User:
        """Suspend a user for one of ``LENGTHS`` and end their sessions in the same step. Returns the suspended user.

        The store lifts a suspension with an end. Raises ``NotFoundError``, ``ForbiddenError``, or ``InvalidError`` for
        ``reason`` or ``duration``.
        """
        why = check_length(visible_line(reason), REASON_MAX, "reason")
        if not why and actor is not staff.OPERATOR_STAFF:
            raise InvalidError("reason", "Enter a reason. The user sees it.")
        if length not in LENGTHS:
            raise InvalidError("duration", "Choose how long the suspension lasts.")
        user = await self._users.get(user_id)
        staff.must_outrank(actor, user)
        lasts = LENGTHS[length]
        details = f"{length}: {why}" if why else length
        await self._audit_log.record(AuditAction.SUSPENDED, actor.party, by_user(user), details)
        until = self._now() + lasts if lasts else None
        await self._users.set_banned(user_id, banned=True, reason=why, until=until)
        await self._sessions.end_all_of(user_id)
        return await self._users.get(user_id)

    async def unsuspend(self, actor: Staff, user_id: str) -> User:
        """Lift a suspension; raises ``NotFoundError`` or ``ForbiddenError``."""
        user = await self._users.get(user_id)
        staff.must_outrank(actor, user)
        await self._audit_log.record(AuditAction.UNSUSPENDED, actor.party, by_user(user))
        await self._users.set_banned(user_id, banned=False)
        return await self._users.get(user_id)

    async def sign_out(self, actor: Staff, user_id: str) -> User:
        """End all sessions of a user; raises ``NotFoundError`` or ``ForbiddenError``."""
        user = await self._users.get(user_id)
        staff.must_outrank(actor, user)
        await self._audit_log.record(AuditAction.SIGNED_OUT_EVERYWHERE, actor.party, by_user(user))
        await self._sessions.end_all_of(user_id)
        return user

    async def set_role(self, actor: Staff, user_id: str, role: str) -> User:
        """Change the role of a user; only for admins.

        Raises ``NotFoundError``, ``ForbiddenError``, ``InvalidError`` for ``role``, or ``ConflictError`` if another
        admin changed the role at the same time.
        """
        try:
            wanted = SiteRole(role)
        except ValueError:
            raise InvalidError("role", "Choose a role.") from None
        user = await self._users.get(user_id)
        staff.may_change_role(actor, user)
        await self._audit_log.record(
            AuditAction.ROLE_CHANGED, actor.party, by_user(user), f"{user.site_role} to {wanted}"
        )
        if not await self._users.set_role(user_id, wanted, expected=user.site_role):
            raise ConflictError("Somebody else changed this user's role at the same time. Look again.")
        return await self._users.get(user_id)

    async def get(self, actor: Staff, username: str) -> User:  # noqa: ARG002 - proves the right to read
        """Return the user called ``username``; raises ``NotFoundError``."""
        if "@" in username:  # site moderators do not see whose email it is
            raise NotFoundError("There is no such user.")
        return await self._users.get_by_login(username)

    async def get_by_id(self, actor: Staff, user_id: str) -> User:  # noqa: ARG002 - proves the right to read
        """Return a user; raises ``NotFoundError``."""
        return await self._users.get(user_id)

    async def find(self, login: str) -> User:
        """Return the user with this username or email, for the command line; raises ``NotFoundError``."""
        return await self._users.get_by_login(login)

    async def lift_expired_suspensions(self) -> None:
        """Lift every suspension whose end has passed. Called periodically."""
        await self._users.end_bans(self._now())
