"""The channel settings of its owner: title, category, delay, recording and stream key."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bus import Bus
from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError, TakenError
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams import policy
from streaming_app.backend.streams.model import Channel
from streaming_app.backend.streams.ports import Channels, StreamKeys, Streams
from streaming_app.backend.streams.stream_lifecycle import StreamChanges


@dataclass(frozen=True, slots=True)
class ChannelLimits:
    """The rate limits of each owner."""

    changes: RateLimit
    """Changes of the channel's settings, and views of the stream key."""
    new_keys: RateLimit
    """Replacements of the stream key."""


class ChannelService:
    """The use cases of channels."""

    def __init__(
        self,
        channels: Channels,
        streams: Streams,
        keys: StreamKeys,
        bus: Bus,
        now: Callable[[], datetime],
        limits: ChannelLimits,
    ) -> None:
        self._channels = channels
        self._streams = streams
        self._keys = keys
        self._changes = StreamChanges(streams, bus, now)
        self._now = now
        self._limits = limits

    async def get_or_create(self, user: User) -> Channel:
        """Return the user's channel, with the user's present name and picture. Create it if the user has none."""
        try:
            return await self._follow_profile(await self._channels.get_by_owner(user.user_id), user)
        except NotFoundError:
            pass
        secret = self._keys.new_secret()
        channel = Channel(
            channel_id=uuid4().hex,
            owner_id=user.user_id,
            slug=user.username.lower(),
            name=user.shown_name,
            avatar_id=user.avatar_id,
            title=f"{user.username}'s stream",
            category="",
            key_hash=self._keys.hash(secret),
            key_sealed=self._keys.seal(secret),
            created_at=self._now(),
        )
        try:
            await self._channels.add(channel)
        except TakenError:
            return await self._channels.get_by_owner(user.user_id)
        return channel

    async def _follow_profile(self, channel: Channel, user: User) -> Channel:
        if (channel.name, channel.avatar_id) == (user.shown_name, user.avatar_id):
            return channel
        await self._channels.update(channel.channel_id, name=user.shown_name, avatar_id=user.avatar_id)
        return replace(channel, name=user.shown_name, avatar_id=user.avatar_id)

    async def by_slug(self, slug: str) -> Channel:
        """Raises ``NotFoundError``."""
        return await self._channels.get_by_slug(slug)

    async def get(self, channel_id: str) -> Channel:
        """Raises ``NotFoundError``."""
        return await self._channels.get(channel_id)

    async def get_many(self, channel_ids: Collection[str]) -> list[Channel]:
        """Return the channels that exist, in any order."""
        return await self._channels.get_many(channel_ids)

    async def list_after(self, slug: str, limit: int) -> list[Channel]:
        """Return the first ``limit`` channels whose slug comes after ``slug``, sorted by slug."""
        return await self._channels.list_after(slug, limit)

    async def own(self, user_id: str, slug: str) -> Channel:
        """Return the channel called ``slug``; raises ``ForbiddenError`` if this user is not its owner."""
        channel = await self._channels.get_by_slug(slug)
        if channel.owner_id != user_id:
            raise ForbiddenError("Only the owner of this channel may do this.")
        return channel

    async def describe(
        self, user_id: str, expected: Channel, title: str | None = None, category: str | None = None
    ) -> Channel:
        """Set title, category or both of a channel that was read as ``expected``, and of its open stream.

        Raises ``ForbiddenError`` if this user is not the owner, ``InvalidError``, or ``ConflictError`` if title or
        category were changed since the channel was read.
        """
        await self._limits.changes.spend(user_id)
        channel = await self.own(user_id, expected.slug)
        title = channel.title if title is None else policy.clean_title(title)
        category = channel.category if category is None else policy.clean_category(category)
        if not await self._channels.replace_title_and_category(expected, title, category):
            raise ConflictError("The channel was changed at the same time. Read it again, then repeat the change.")
        await self._update_open_stream(channel.channel_id, title, category)
        return replace(channel, title=title, category=category)

    async def set_title_and_category(self, user_id: str, title: str, category: str) -> Channel:
        """Set title and category of the user's channel and of its open stream.

        Raises ``InvalidError`` or ``RateLimitedError``.
        """
        await self._limits.changes.spend(user_id)
        title, category = policy.clean_title(title), policy.clean_category(category)
        channel = await self._channels.get_by_owner(user_id)
        await self._channels.update(channel.channel_id, title=title, category=category)
        await self._update_open_stream(channel.channel_id, title, category)
        return replace(channel, title=title, category=category)

    async def set_latency(self, user_id: str, latency: str) -> Channel:
        """Set the delay of the user's channel, also of a live stream; raises ``InvalidError``."""
        await self._limits.changes.spend(user_id)
        chosen = policy.parse_latency(latency)
        channel = await self._channels.get_by_owner(user_id)
        await self._channels.update(channel.channel_id, latency=chosen)
        return replace(channel, latency=chosen)

    async def set_records(self, user_id: str, *, records: bool) -> Channel:
        """Switch the recording of the user's streams on or off; raises ``NotFoundError``."""
        await self._limits.changes.spend(user_id)
        channel = await self._channels.get_by_owner(user_id)
        await self._channels.update(channel.channel_id, records=records)
        return replace(channel, records=records)

    async def stream_key(self, user_id: str) -> str:
        """Return the stream key for the owner's encoder: ``<channel_id>?key=<secret>``.

        Raises ``NotFoundError``, ``RateLimitedError``, or ``ConflictError`` if the key was encrypted under another
        ``SECRET_KEY``.
        """
        await self._limits.changes.spend(user_id)
        channel = await self._channels.get_by_owner(user_id)
        return _stream_key(channel.channel_id, self._keys.open(channel.key_sealed))

    async def rotate_key(self, user_id: str) -> str:
        """Replace the stream key and return the new one. The old key is invalid; a running stream continues.

        Raises ``RateLimitedError``.
        """
        await self._limits.new_keys.spend(user_id)
        channel = await self._channels.get_by_owner(user_id)
        secret = self._keys.new_secret()
        key_hash, key_sealed = self._keys.hash(secret), self._keys.seal(secret)
        await self._channels.update(channel.channel_id, key_hash=key_hash, key_sealed=key_sealed)
        return _stream_key(channel.channel_id, secret)

    async def _update_open_stream(self, channel_id: str, title: str, category: str) -> None:
        try:
            stream = await self._streams.latest(channel_id)
        except NotFoundError:
            return
        await self._changes.set_title_and_category(stream, title, category)


def _stream_key(channel_id: str, secret: str) -> str:
    return f"{channel_id}?key={secret}"
