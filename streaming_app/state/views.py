"""What pages show, as frozen values: built from the domain, holding words and numbers only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.chat.model import Emote
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.model import Broadcast, Channel, Stream, StreamState
from streaming_app.backend.streams.playback import low_latency_playlist, plain_playlist, preview_path


@dataclass(frozen=True)
class ChannelView:
    """A channel, on the air or off it."""

    channel_id: str = ""
    slug: str = ""
    name: str = ""
    initials: str = ""
    hue: int = 0
    title: str = ""
    category: str = ""
    state: str = ""
    """``live``, ``reconnecting`` or ``offline``; empty until it is known."""
    started_at: str = ""
    """ISO 8601, UTC; empty while off the air."""
    viewers: int = 0
    playlist: str = ""
    """Path of the multivariant playlist at the front door."""
    latency: str = ""
    """The delay that the channel chose: a ``streams.model.Latency``; empty until it is known."""
    low_latency: str = ""
    """Path of the low-latency multivariant playlist at the front door; empty where the channel does without."""
    preview: str = ""
    """Path of the newest picture at the front door."""
    feed: str = ""
    """Path of the channel's feed at the front door."""
    stream_id: str = ""
    """Of the open stream, or else of the one that ended last."""
    ended_at: str = ""
    """When the last stream ended, ISO 8601, UTC; empty while on the air, and before the first stream."""
    recording_id: str = ""
    """Of that stream's recording, if there is one to watch."""


def channel_view(channel: Channel, latest: Stream | None, viewers: int, recording_id: str = "") -> ChannelView:
    """The view of ``channel`` with its ``latest`` stream: the open one, or else the one that ended last."""
    channel_id = channel.channel_id
    stream = None if latest is None or latest.ended_at else latest
    return ChannelView(
        channel_id=channel_id,
        slug=channel.slug,
        name=channel.name,
        initials=initials_of(channel.name),
        hue=hue_of(channel.name),
        title=stream.title if stream else channel.title,
        category=stream.category if stream else channel.category,
        state=str(stream.state if stream else StreamState.OFFLINE),
        started_at=instant(stream.started_at) if stream else "",
        viewers=viewers,
        playlist=plain_playlist(channel),
        latency=str(channel.latency),
        low_latency=low_latency_playlist(channel),
        preview=preview_path(latest) if latest else "",
        feed=f"/feed/{channel_id}",
        stream_id=latest.stream_id if latest else "",
        ended_at=instant(latest.ended_at) if latest and latest.ended_at else "",
        recording_id=recording_id,
    )


def instant(at: datetime) -> str:
    """An instant as pages and the feed write it: ISO 8601, milliseconds."""
    return at.isoformat(timespec="milliseconds")


def live_list(broadcasts: Sequence[Broadcast], audience: Audience) -> list[ChannelView]:
    """What is on the air, most viewers first; as ``broadcasts`` among equals."""
    views = [channel_view(b.channel, b.stream, audience.viewers(b.channel.channel_id)) for b in broadcasts]
    return sorted(views, key=lambda view: -view.viewers)


@dataclass(frozen=True)
class EmoteView:
    """An emote in a list."""

    emote_id: str = ""
    code: str = ""
    """As chatters write it."""
    picture: str = ""
    """Path of its picture at the front door."""


def emote_view(emote: Emote) -> EmoteView:
    """The view of one emote."""
    return EmoteView(emote.emote_id, emote.code, emote.path)


def initials_of(name: str) -> str:
    """One or two letters that stand for ``name``."""
    words = name.replace("_", " ").replace("-", " ").replace(".", " ").split()
    if len(words) > 1:
        return (words[0][0] + words[1][0]).upper()
    return name[:2].upper()


def hue_of(name: str) -> int:
    """A hue in degrees that always belongs to ``name``, as ``hueOf`` in components/chat/text.ts makes it.

    FNV-1a alone gives names that differ in one letter nearly the same hue; mixing its bits afterwards spreads them.
    """
    digest = 0x811C9DC5
    for byte in name.lower().encode():
        digest = (digest ^ byte) * 0x01000193 % 2**32
    digest = (digest ^ digest >> 15) * 0x2C1B3C6D % 2**32
    digest = (digest ^ digest >> 12) * 0x297A2D39 % 2**32
    return (digest ^ digest >> 15) % 360
