"""Channels whose publishers are refused because staff cut off their stream."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from streaming_app.backend.errors import ForbiddenError

LENGTHS: dict[str, timedelta | None] = {
    "10 minutes": timedelta(minutes=10),
    "1 hour": timedelta(hours=1),
    "1 day": timedelta(days=1),
    "until allowed again": None,
}
"""The lengths of a block, as the form names them."""


@dataclass(frozen=True, slots=True)
class StreamBlock:
    """A channel that may not stream."""

    channel_id: str
    since: datetime
    until: datetime | None
    """``None`` until staff allow the channel to stream again."""
    reason: str
    """Shown to the owner of the channel."""
    blocked_by: str
    """Username of the staff member."""

    def is_active(self, now: datetime) -> bool:
        """Whether the block has not ended."""
        return self.until is None or now < self.until


class StreamBlocks(Protocol):
    """The repository of blocked channels. A channel has at most one block."""

    async def put(self, block: StreamBlock) -> None:
        """Store a block; it replaces the channel's earlier one."""
        ...

    async def of(self, channel_id: str) -> list[StreamBlock]:
        """Return the channel's block, active or not; an empty list if it has none."""
        ...

    async def newest(self, limit: int) -> list[StreamBlock]:
        """Return the newest blocks, active or not, newest first."""
        ...

    async def remove(self, channel_id: str) -> None:
        """Delete the channel's block; do nothing if it has none."""
        ...


def check_not_blocked(blocks: list[StreamBlock], now: datetime) -> None:
    """Raises ``ForbiddenError``, with the reason and the end, if one of ``blocks`` is active."""
    for block in blocks:
        if block.is_active(now):
            until = f" until {block.until:%d %B %Y, %H:%M} UTC" if block.until else ""
            raise ForbiddenError(f"The staff of the site blocked this channel{until}. Reason: {block.reason}")
