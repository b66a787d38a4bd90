"""What every page shows of a channel's stream, in one value that the feed can push."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.streams.model import Broadcast, Channel, Stream, StreamState
from streaming_app.backend.streams.playback import low_latency_playlist, preview_path

_DIGEST_BYTES = 9


@dataclass(frozen=True, slots=True)
class StreamSummary:
    """A channel's open stream, or the one that ended last."""

    channel_id: str
    state: StreamState
    stream_id: str
    title: str
    category: str
    started_at: datetime
    low_latency: str
    """Path of the low-latency playlist; empty where the channel does without."""
    preview: str
    """Path of the newest picture of this stream."""
    ended_at: datetime | None = None
    recording_id: str = ""
    """Of the recording of a stream that has ended, when there is something to watch in it."""


def summarize(channel: Channel, stream: Stream, recording_id: str = "") -> StreamSummary:
    """The summary of ``stream``, the latest of ``channel``."""
    words = channel if stream.ended_at else stream
    return StreamSummary(
        channel_id=channel.channel_id,
        state=stream.state,
        stream_id=stream.stream_id,
        title=words.title,
        category=words.category,
        started_at=stream.started_at,
        low_latency=low_latency_playlist(channel),
        preview=preview_path(stream),
        ended_at=stream.ended_at,
        recording_id=recording_id,
    )


def live_digest(broadcasts: Iterable[Broadcast]) -> str:
    """A short text that is the same, in every process, as long as the list of live streams shows the same."""
    shown = sorted(
        (b.channel.channel_id, b.stream.stream_id, b.stream.state, b.stream.title, b.stream.category)
        for b in broadcasts
    )
    return hashlib.blake2b(json.dumps(shown).encode(), digest_size=_DIGEST_BYTES).hexdigest()
