"""Channels, the streams they broadcast and the publishers that bring them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self


class StreamState(StrEnum):
    """What a viewer finds on a channel."""

    LIVE = "live"
    RECONNECTING = "reconnecting"
    """The publisher dropped a moment ago and is expected back."""
    OFFLINE = "offline"


class Latency(StrEnum):
    """How far behind its encoder a channel may be seen: less delay asks more of viewers' connections."""

    ULTRA = "ultra"
    """Parts of 0.1 s: about half a second."""
    LOW = "low"
    """Parts of 0.2 s: under a second."""
    NORMAL = "normal"
    """Plain HLS, whole segments only: about four seconds, and the most robust."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A user's permanent place."""

    channel_id: str
    """Also the public name of its media; never a secret."""
    owner_id: str
    slug: str
    """In its address; unique, lower case."""
    name: str
    """As people read it: the owner's username."""
    title: str
    category: str
    key_hash: str
    """Keyed hash of the stream key's secret part; unique."""
    key_sealed: bytes
    """The same secret, encrypted, so that its owner can copy it again."""
    created_at: datetime
    latency: Latency = Latency.LOW
    records: bool = False
    """Whether its streams become recordings."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """An encoder's connection."""

    client_id: str
    """nginx-rtmp's number of the connection; starts again when nginx does."""
    address: str
    software: str
    """What the encoder calls itself (RTMP ``flashver``)."""


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
    """When the publisher last gave a sign of life."""
    dropped_at: datetime | None = None
    """Since when the publisher is gone; ``None`` while it is connected."""
    ended_at: datetime | None = None
    ended_by_owner: bool = False

    @property
    def state(self) -> StreamState:
        """What viewers see."""
        if self.ended_at:
            return StreamState.OFFLINE
        return StreamState.RECONNECTING if self.dropped_at else StreamState.LIVE

    def ended(self, at: datetime, *, by_owner: bool) -> Self:
        """The stream, over."""
        return replace(self, ended_at=at, ended_by_owner=by_owner)

    def duration(self, now: datetime) -> timedelta:
        """How long it has run, or ran."""
        return (self.ended_at or now) - self.started_at


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A channel with its open stream."""

    channel: Channel
    stream: Stream
