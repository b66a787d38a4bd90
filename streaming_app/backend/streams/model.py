"""The data classes of channels, streams and publishers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self, TypedDict


class StreamState(StrEnum):
    """The state of a channel's stream, as viewers see it."""

    LIVE = "live"
    RECONNECTING = "reconnecting"
    """The publisher disconnected a moment ago and may reconnect."""
    OFFLINE = "offline"


class Latency(StrEnum):
    """The delay of a channel behind its encoder. A shorter delay needs better connections."""

    REALTIME = "realtime"
    """Each frame by a websocket: a delay of about a tenth of a second. Viewers who cannot play it get ``LOW``."""
    LOW = "low"
    """HLS parts of 0.2 s: a delay below one second."""
    NORMAL = "normal"
    """Plain HLS with whole segments: a delay of about four seconds, and the most robust choice."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A user's channel. It has the same id and stream key before, during and after its streams."""

    channel_id: str
    """Public: part of the URLs of the channel's media."""
    owner_id: str
    slug: str
    """The name in the channel's URL; unique, lower case."""
    name: str
    """The name that the owner is shown with: a copy of ``User.shown_name``."""
    title: str
    category: str
    key_hash: str
    """Keyed hash of the secret part of the stream key; unique."""
    key_sealed: bytes
    """The same secret, encrypted, so that the owner can copy it again."""
    created_at: datetime
    latency: Latency = Latency.LOW
    records: bool = False
    """Whether the channel's streams are recorded."""
    avatar_id: str = ""
    """Id of the owner's picture: a copy of ``User.avatar_id``."""


class ChannelChanges(TypedDict, total=False):
    """The fields of a ``Channel`` that its owner changes."""

    name: str
    avatar_id: str
    title: str
    category: str
    key_hash: str
    key_sealed: bytes
    latency: Latency
    records: bool


@dataclass(frozen=True, slots=True)
class Publisher:
    """An encoder's connection."""

    client_id: str
    """nginx-rtmp's number of the connection. The numbers start again when nginx restarts."""
    address: str
    software: str
    """The name and version that the encoder reports (RTMP ``flashver``)."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One broadcast of one channel."""

    stream_id: str
    channel_id: str
    started_at: datetime
    title: str
    category: str
    publisher: Publisher
    seen_at: datetime
    """Time of the publisher's last heartbeat."""
    dropped_at: datetime | None = None
    """Time of the publisher's disconnect; ``None`` while it is connected."""
    ended_at: datetime | None = None
    ended_by_owner: bool = False

    @property
    def state(self) -> StreamState:
        """The state that viewers see."""
        if self.ended_at:
            return StreamState.OFFLINE
        return StreamState.RECONNECTING if self.dropped_at else StreamState.LIVE

    def ended(self, at: datetime, *, by_owner: bool) -> Self:
        """Return a copy that ended at ``at``."""
        return replace(self, ended_at=at, ended_by_owner=by_owner)

    def duration(self, now: datetime) -> timedelta:
        """The length of the stream until its end, or until ``now`` if it is open."""
        return (self.ended_at or now) - self.started_at


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A channel with its open stream."""

    channel: Channel
    stream: Stream
