"""The use cases of deleting an account: asking for it, and changing one's mind."""

from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.account_data.ports import AccountDeletions
from streaming_app.backend.accounts import staff
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.bus import Bus
from streaming_app.backend.errors import ConflictError, InvalidError
from streaming_app.backend.events import SessionRevoked
from streaming_app.backend.streams.service import StreamService


class AccountDeletionService:
    """Schedules and cancels deletions. The worker ``account-deletion`` carries them out (``eraser``).

    An account whose deletion is scheduled is hidden: its sessions and API tokens are not accepted, and its channel
    does not exist for others. ``User.deletes_at`` alone decides. The channel is matched with it after each change, and
    again by the worker, in case that the process died in between.
    """

    def __init__(
        self,
        users: Users,
        deletions: AccountDeletions,
        sessions: SessionService,
        streams: StreamService,
        mails: AccountMails,
        audit_log: AuditLog,
        bus: Bus,
        now: Callable[[], datetime],
        delay: timedelta,
    ) -> None:
        self._users = users
        self._deletions = deletions
        self._sessions = sessions
        self._streams = streams
        self._mails = mails
        self._audit_log = audit_log
        self._bus = bus
        self._now = now
        self.delay = delay
        """How long a user can change their mind."""

    async def request(self, token: str, typed_username: str, address: str = "") -> datetime:
        """Schedule the deletion of the account of the session ``token``, and sign the user out everywhere.

        Return when the account will be deleted. ``address`` is the client's IP address, for the audit log. Raises
        ``NotSignedInError``, ``ReauthenticationNeededError``, or ``InvalidError`` for ``username`` unless it is typed.
        """
        user = await self._sessions.require_recent(token)
        if typed_username.strip().casefold() != user.username.casefold():
            raise InvalidError("username", f"Type your username, {user.username}, to confirm.")
        at = await self._schedule(user, self._now() + self.delay)
        await self._audit_log.record(AuditAction.DELETION_REQUESTED, by_user(user, address))
        return at

    async def order(self, actor: Staff, user: User, *, at_once: bool) -> datetime:
        """Schedule the deletion of an account on behalf of an admin or operator, and return when it will happen.

        ``at_once`` leaves no time to cancel it. Raises ``NotFoundError`` if it has begun already, and
        ``ForbiddenError`` unless ``actor`` is an admin with a higher role than the user.
        """
        staff.must_be_admin(actor)
        staff.must_outrank(actor, user)
        await self._audit_log.record(AuditAction.DELETION_REQUESTED, actor.party, by_user(user))
        at = await self._schedule(user, self._now() if at_once else self._now() + self.delay)
        if at_once:
            await self._deletions.begin(user.user_id, self._now())
        return at

    async def keep(self, token: str, address: str = "") -> User:
        """Cancel the deletion of the account of the session ``token``, for a client at ``address``.

        Raises ``NotSignedInError`` if the account of the session is not about to be deleted, and ``ConflictError`` if
        it is too late.
        """
        user = await self._sessions.verify_leaving(token)
        if not await self._deletions.cancel(user.user_id, self._now()):
            raise ConflictError("It is too late: the account is being deleted.")
        await self.match_channel(user.user_id)
        await self._audit_log.record(AuditAction.DELETION_CANCELLED, by_user(user, address))
        return user

    async def match_channel(self, user_id: str) -> str:
        """Hide the channel of a user who is leaving and end its stream, or else show it. Return the channel's id."""
        user = await self._users.get(user_id)
        is_leaving = user.deletes_at is not None
        channel_id = await self._deletions.set_channel_hidden(user_id, hidden=is_leaving)
        if channel_id and is_leaving:
            await self._streams.cut_off(channel_id)
        return channel_id

    async def _schedule(self, user: User, at: datetime) -> datetime:
        await self._deletions.schedule(user.user_id, at)
        await self.match_channel(user.user_id)
        await self._bus.announce(SessionRevoked(at=self._now(), user_id=user.user_id))
        self._mails.in_background(self._mails.send_deletion_notice(user, at))
        return at
