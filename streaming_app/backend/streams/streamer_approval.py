"""The use cases of approvals: users ask to stream, and staff approve, refuse and revoke."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from streaming_app.backend.accounts import staff
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.accounts.user_administration import REASON_MAX
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from streaming_app.backend.streams.ports import Channels
from streaming_app.backend.streams.service import StreamService
from streaming_app.backend.streams.streamer_requests import (
    RequestStatus,
    StreamerGate,
    StreamerRequest,
    StreamerRequests,
    StreamingMode,
)
from streaming_app.backend.text_cleaning import check_length, visible_line

TEXT_MAX = 500
SHOWN = 100
"""Requests on the page of the administration, for each status."""


class StreamerApproval:
    """Methods with ``actor`` are for staff; every act is recorded before it is done."""

    def __init__(
        self,
        gate: StreamerGate,
        users: Users,
        channels: Channels,
        requests: StreamerRequests,
        streams: StreamService,
        now: Callable[[], datetime],
        audit_log: AuditLog,
    ) -> None:
        self._gate = gate
        self._users = users
        self._channels = channels
        self._requests = requests
        self._streams = streams
        self._now = now
        self._audit_log = audit_log

    @property
    def mode(self) -> StreamingMode:
        """Who may stream on this site."""
        return self._gate.mode

    async def may_stream(self, user: User) -> bool:
        """Whether the user needs no further approval. Raises ``NotFoundError`` if they have no channel."""
        try:
            await self._gate.check(await self._channels.get_by_owner(user.user_id))
        except ForbiddenError:
            return False
        return True

    async def request_of(self, user: User) -> StreamerRequest | None:
        """Return the user's request, or ``None``."""
        return await self._requests.of(user.user_id)

    async def ask(self, user: User, text: str) -> None:
        """Ask to stream. Raises ``InvalidError`` for ``text``, ``ConflictError`` or ``ForbiddenError``."""
        if self.mode is StreamingMode.CLOSED:
            raise ForbiddenError("This site accepts no requests to stream.")
        about = check_length(visible_line(text), TEXT_MAX, "text")
        if not about:
            raise InvalidError("text", "Write what you want to stream.")
        if await self.may_stream(user):
            raise ConflictError("You can stream already.")
        if not await self._requests.ask(StreamerRequest(user.user_id, user.username, about, self._now())):
            raise ConflictError("Your request was sent already.")

    async def listed(self, actor: Staff, status: RequestStatus) -> list[StreamerRequest]:  # noqa: ARG002 - proves the right to read
        """Return the oldest requests with this status."""
        return await self._requests.with_status(status, SHOWN)

    async def approve(self, actor: Staff, username: str) -> None:
        """Approve a user, with or without a request. On a closed site only admins can.

        Raises ``InvalidError`` for ``username``, or ``ForbiddenError``.
        """
        if self.mode is StreamingMode.CLOSED:
            staff.must_be_admin(actor)
        user = await self._named(username)
        request = await self._requests.of(user.user_id)
        request = request or StreamerRequest(user.user_id, user.username, "", self._now())
        await self._audit_log.record(AuditAction.STREAMER_APPROVED, actor.party, by_user(user))
        await self._requests.put(replace(request, status=RequestStatus.APPROVED, note="", decided_by=actor.party.name))

    async def refuse(self, actor: Staff, user_id: str, note: str) -> None:
        """Refuse a request, or revoke an approval, which ends the user's stream.

        Raises ``NotFoundError``, ``ForbiddenError``, or ``InvalidError`` for ``note``.
        """
        why = check_length(visible_line(note), REASON_MAX, "note")
        if not why:
            raise InvalidError("note", "Enter a note. The user sees it.")
        user = await self._users.get(user_id)
        staff.must_outrank(actor, user)
        request = await self._requests.of(user_id)
        if request is None:
            raise NotFoundError("There is no such request.")
        await self._audit_log.record(AuditAction.STREAMER_REFUSED, actor.party, by_user(user), why)
        await self._requests.put(replace(request, status=RequestStatus.REFUSED, note=why, decided_by=actor.party.name))
        if self.mode is not StreamingMode.OPEN:
            await self._end_stream(user_id)

    async def _end_stream(self, user_id: str) -> None:
        try:
            channel = await self._channels.get_by_owner(user_id)
        except NotFoundError:
            return
        await self._streams.cut_off(channel.channel_id)

    async def _named(self, username: str) -> User:
        name = username.strip()
        try:
            if name and "@" not in name:  # site moderators do not see whose email it is
                return await self._users.get_by_login(name)
        except NotFoundError:
            pass
        raise InvalidError("username", "There is no user with this name.")
