"""The view models that pages render: frozen values with only text and numbers, built from the domain models."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.accounts.avatars import avatar_path
from streaming_app.backend.chat.model import Emote
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.model import Broadcast, Channel, Stream, StreamState
from streaming_app.backend.streams.urls import low_latency_playlist, plain_playlist, preview_path, realtime_websocket


@dataclass(frozen=True)
class ChannelView:
    """A channel, live or offline."""

    channel_id: str = ""
    slug: str = ""
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar: str = ""
    """URL path of the owner's picture; empty if there is none."""
    title: str = ""
    category: str = ""
    state: str = ""
    """``live``, ``reconnecting`` or ``offline``; empty until it is known."""
    started_at: str = ""
    """ISO 8601, UTC; empty while the channel is offline."""
    viewers: int = 0
    playlist: str = ""
    """URL path of the multivariant playlist."""
    latency: str = ""
    """The channel's latency, a value of ``streams.model.Latency``; empty until it is known."""
    low_latency: str = ""
    """URL path of the low-latency multivariant playlist; empty if the channel does not use low latency."""
    realtime: str = ""
    """URL path of the real-time websocket; empty if the channel does not use real time."""
    preview: str = ""
    """URL path of the newest preview image."""
    feed: str = ""
    """URL path of the channel's feed."""
    stream_id: str = ""
    """Id of the running stream, or of the last stream if none is running."""
    ended_at: str = ""
    """When the last stream ended, ISO 8601, UTC; empty while a stream runs and before the first stream."""
    recording_id: str = ""
    """Id of the recording of that stream; empty if there is no recording to watch."""


def channel_view(channel: Channel, latest: Stream | None, viewers: int, recording_id: str = "") -> ChannelView:
    """Return the view of ``channel``. ``latest`` is the running stream, or the last one if none is running."""
    channel_id = channel.channel_id
    stream = None if latest is None or latest.ended_at else latest
    return ChannelView(
        channel_id=channel_id,
        slug=channel.slug,
        name=channel.name,
        initials=initials_of(channel.name),
        hue=hue_of(channel.slug),
        avatar=avatar_path(channel.avatar_id),
        title=stream.title if stream else channel.title,
        category=stream.category if stream else channel.category,
        state=str(stream.state if stream else StreamState.OFFLINE),
        started_at=instant(stream.started_at) if stream else "",
        viewers=viewers,
        playlist=plain_playlist(channel),
        latency=str(channel.latency),
        low_latency=low_latency_playlist(channel),
        realtime=realtime_websocket(channel),
        preview=preview_path(latest) if latest else "",
        feed=f"/feed/{channel_id}",
        stream_id=latest.stream_id if latest else "",
        ended_at=instant(latest.ended_at) if latest and latest.ended_at else "",
        recording_id=recording_id,
    )


def instant(at: datetime) -> str:
    """Format an instant for pages and the feed: ISO 8601, with milliseconds."""
    return at.isoformat(timespec="milliseconds")


def live_list(broadcasts: Sequence[Broadcast], audience: Audience) -> list[ChannelView]:
    """Return the views of live channels, most viewers first. Equal numbers keep the order of ``broadcasts``."""
    views = [channel_view(b.channel, b.stream, audience.viewers(b.channel.channel_id)) for b in broadcasts]
    return sorted(views, key=lambda view: -view.viewers)


@dataclass(frozen=True)
class EmoteView:
    """An emote in a list."""

    emote_id: str = ""
    code: str = ""
    """The text that chatters write for the emote."""
    picture: str = ""
    """URL path of the image."""


def emote_view(emote: Emote) -> EmoteView:
    """Return the view of an emote."""
    return EmoteView(emote.emote_id, emote.code, emote.path)


def initials_of(name: str) -> str:
    """Return one or two letters for the avatar of ``name``."""
    words = name.replace("_", " ").replace("-", " ").replace(".", " ").split()
    if len(words) > 1:
        return (words[0][0] + words[1][0]).upper()
    return name[:2].upper()


def hue_of(name: str) -> int:
    """Return the hue of ``name`` in degrees, the same as ``hueOf`` in components/chat/message_text.ts returns.

    FNV-1a alone gives names that differ in one letter nearly the same hue; mixing its bits afterwards spreads them.
    """
    digest = 0x811C9DC5
    for byte in name.lower().encode():
        digest = (digest ^ byte) * 0x01000193 % 2**32
    digest = (digest ^ digest >> 15) * 0x2C1B3C6D % 2**32
    digest = (digest ^ digest >> 12) * 0x297A2D39 % 2**32
    return (digest ^ digest >> 15) % 360
