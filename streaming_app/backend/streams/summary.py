"""The data of a channel's stream that pages show, as one value that the feed pushes to browsers."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.streams.model import Broadcast, Channel, Stream, StreamState
from streaming_app.backend.streams.urls import low_latency_playlist, preview_path, realtime_websocket

_DIGEST_BYTES = 9


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """A channel's open stream, or else the one that ended last."""

    channel_id: str
    state: StreamState
    stream_id: str
    title: str
    category: str
    started_at: datetime
    low_latency: str
    """Path of the low-latency playlist; empty if the channel uses plain HLS only."""
    realtime: str
    """Path of the real-time websocket; empty if the channel does not use real time."""
    preview: str
    """Path of the newest preview picture of this stream."""
    ended_at: datetime | None = None
    recording_id: str = ""
    """Id of the recording of an ended stream, if the recording can be watched; else empty."""


def summarize(channel: Channel, stream: Stream, recording_id: str = "") -> StreamSummary:
    """Summarize ``stream``, the latest stream of ``channel``."""
    described = channel if stream.ended_at else stream
    return StreamSummary(
        channel_id=channel.channel_id,
        state=stream.state,
        stream_id=stream.stream_id,
        title=described.title,
        category=described.category,
        started_at=stream.started_at,
        low_latency=low_latency_playlist(channel),
        realtime=realtime_websocket(channel),
        preview=preview_path(stream),
        ended_at=stream.ended_at,
        recording_id=recording_id,
    )


def live_digest(broadcasts: Iterable[Broadcast]) -> str:
    """Return a short hash of the list of live streams. It is equal in all processes if pages show the same list."""
    shown = sorted(
        (b.channel.channel_id, b.stream.stream_id, b.stream.state, b.stream.title, b.stream.category)
        for b in broadcasts
    )
    return hashlib.blake2b(json.dumps(shown).encode(), digest_size=_DIGEST_BYTES).hexdigest()
