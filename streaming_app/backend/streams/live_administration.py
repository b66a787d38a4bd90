"""What the staff does with live streams: list them, cut them off, and allow a channel to stream again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.accounts import staff
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, Party
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.accounts.user_administration import REASON_MAX
from streaming_app.backend.errors import InvalidError
from streaming_app.backend.streams.model import Broadcast, Channel
from streaming_app.backend.streams.ports import Channels
from streaming_app.backend.streams.service import StreamService
from streaming_app.backend.streams.stream_blocks import LENGTHS, StreamBlock, StreamBlocks
from streaming_app.backend.text_cleaning import check_length, visible_line

BLOCKS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class BlockedChannel:
    """A channel with its active block."""

    channel: Channel
    block: StreamBlock


class LiveAdministration:
    """The use cases of staff. ``actor`` proves the right to act, and every act is recorded before it is done."""

    def __init__(
        self,
        users: Users,
        channels: Channels,
        blocks: StreamBlocks,
        streams: StreamService,
        now: Callable[[], datetime],
        audit_log: AuditLog,
    ) -> None:
        self._users = users
        self._channels = channels
        self._blocks = blocks
        self._streams = streams
        self._now = now
        self._audit_log = audit_log

    async def live(self, actor: Staff) -> list[Broadcast]:  # noqa: ARG002 - proves the right to read
        """Return every open stream with its channel, newest first."""
        return await self._streams.live()

    async def blocked(self, actor: Staff) -> list[BlockedChannel]:  # noqa: ARG002 - proves the right to read
        """Return the channels that may not stream now, newest block first."""
        now = self._now()
        blocks = [block for block in await self._blocks.newest(BLOCKS_SHOWN) if block.is_active(now)]
        channels = await self._channels.get_many([block.channel_id for block in blocks])
        by_id = {channel.channel_id: channel for channel in channels}
        return [BlockedChannel(by_id[block.channel_id], block) for block in blocks if block.channel_id in by_id]

    async def cut_off(self, actor: Staff, channel_id: str, reason: str, length: str) -> Channel:
        """End the channel's stream, disconnect its publisher, and refuse its publishers for one of ``LENGTHS``.

        If the process dies after the block is stored, the next heartbeat of the publisher ends the stream. Raises
        ``NotFoundError``, ``ForbiddenError``, or ``InvalidError`` for ``reason`` or ``duration``.
        """
        why = check_length(visible_line(reason), REASON_MAX, "reason")
        if not why:
            raise InvalidError("reason", "Enter a reason. The streamer sees it.")
        if length not in LENGTHS:
            raise InvalidError("duration", "Choose how long the channel is blocked.")
        channel = await self._checked(actor, channel_id)
        target = Party(channel.name, channel.owner_id)
        await self._audit_log.record(AuditAction.STREAM_CUT_OFF, actor.party, target, f"{length}: {why}")
        now, lasts = self._now(), LENGTHS[length]
        await self._blocks.put(StreamBlock(channel_id, now, now + lasts if lasts else None, why, actor.party.name))
        await self._streams.cut_off(channel_id)
        return channel

    async def allow(self, actor: Staff, channel_id: str) -> Channel:
        """Accept the channel's publishers again; raises ``NotFoundError`` or ``ForbiddenError``."""
        channel = await self._checked(actor, channel_id)
        await self._audit_log.record(AuditAction.STREAM_ALLOWED, actor.party, Party(channel.name, channel.owner_id))
        await self._blocks.remove(channel_id)
        return channel

    async def _checked(self, actor: Staff, channel_id: str) -> Channel:
        channel = await self._channels.get(channel_id)
        staff.must_outrank(actor, await self._users.get(channel.owner_id))
        return channel
