"""Requests of users to stream, and the rule that decides who may stream."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from streaming_app.backend.errors import ForbiddenError, NotFoundError
from streaming_app.backend.streams.model import Channel
from streaming_app.backend.streams.ports import Streams


class StreamingMode(StrEnum):
    """Who may stream."""

    OPEN = "open"
    """Every user."""
    REQUEST = "request"
    """Users whom staff approved, and those who have streamed before."""
    CLOSED = "closed"
    """Only users whom an admin approved."""


class RequestStatus(StrEnum):
    """The answer to a request."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    """Refused, or the approval was revoked."""


@dataclass(frozen=True, slots=True)
class StreamerRequest:
    """The request of a user, or an approval without a request."""

    user_id: str
    username: str
    text: str
    """What the user wrote; empty for an approval without a request."""
    requested_at: datetime
    status: RequestStatus = RequestStatus.WAITING
    note: str = ""
    """Why the request was refused. The user sees it."""
    decided_by: str = ""
    """Username of the staff member."""


class StreamerRequests(Protocol):
    """The repository of requests. A user has at most one."""

    async def ask(self, request: StreamerRequest) -> bool:
        """Store a request; it replaces a refused one. ``False`` if the user has one that is not refused."""
        ...

    async def put(self, request: StreamerRequest) -> None:
        """Store a request; it replaces the user's earlier one."""
        ...

    async def of(self, user_id: str) -> StreamerRequest | None:
        """Return the user's request, or ``None``."""
        ...

    async def with_status(self, status: RequestStatus, limit: int) -> list[StreamerRequest]:
        """Return the requests with this status, oldest first."""
        ...


class StreamerGate:
    """Decides who may stream. Whoever streamed before the site required approvals needs none in ``REQUEST``."""

    def __init__(self, mode: StreamingMode, requests: StreamerRequests, streams: Streams) -> None:
        self.mode = mode
        self._requests = requests
        self._streams = streams

    async def check(self, channel: Channel) -> None:
        """Raises ``ForbiddenError``, with the reason, unless the owner of the channel may stream."""
        if self.mode is StreamingMode.OPEN:
            return
        request = await self._requests.of(channel.owner_id)
        if request is None:
            if self.mode is StreamingMode.REQUEST and await self._has_streamed(channel.channel_id):
                return
        elif request.status is RequestStatus.APPROVED:
            return
        raise ForbiddenError(self._reason(request))

    async def _has_streamed(self, channel_id: str) -> bool:
        try:
            await self._streams.latest(channel_id)
        except NotFoundError:
            return False
        return True

    def _reason(self, request: StreamerRequest | None) -> str:
        if request and request.status is RequestStatus.REFUSED:
            return f"The staff of the site did not approve this channel. Reason: {request.note}"
        if request and self.mode is StreamingMode.REQUEST:
            return "The staff of the site has not answered your request to stream yet."
        if self.mode is StreamingMode.REQUEST:
            return "You need an approval to stream on this site. Ask for it in the studio."
        return "Only users whom an admin approved can stream on this site."
