"""The rules of recordings, as pure functions."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from streaming_app.backend.errors import ConflictError, ForbiddenError
from streaming_app.backend.media.recordings.hls import Segment
from streaming_app.backend.media.recordings.model import Recording, Shortage, Terms
from streaming_app.backend.streams.model import Channel

_MISSING = {
    Shortage.NONE: "",
    Shortage.DISK: "Parts of this recording are missing because the server's disk was nearly full.",
    Shortage.QUOTA: "This recording stops early because your storage was full.",
}


def missing(shortage: Shortage) -> str:
    """What the owner should know of a recording; empty when it is whole."""
    return _MISSING[shortage]


def may_delete(user_id: str, channel: Channel, recording: Recording, running_id: str) -> None:
    """Raises ``ForbiddenError`` for anyone but the owner, ``ConflictError`` while the recording is being made."""
    if channel.owner_id != user_id:
        raise ForbiddenError("Only the channel's owner can delete its recordings.")
    if recording.recording_id == running_id and recording.ended_at is None:
        raise ConflictError("This stream is still being recorded. End the stream or turn recording off first.")


def kept_from(now: datetime, terms: Terms) -> datetime:
    """What ended before this has been kept long enough."""
    return now - terms.retention


def beyond_quota(oldest_first: Sequence[Recording], used: int, terms: Terms) -> Iterator[Recording]:
    """Which of a channel's finished recordings to delete so that there is room again in its quota."""
    for recording in oldest_first:
        if used < terms.quota:
            return
        used -= recording.size
        yield recording


def shortage(used: int, free: int, terms: Terms) -> Shortage:
    """What forbids to record on, with ``used`` bytes of the quota and ``free`` bytes of the disk."""
    if free < terms.reserve:
        return Shortage.DISK
    return Shortage.QUOTA if used >= terms.quota else Shortage.NONE


def new_segments(
    segments: Sequence[Segment], after: int, since: datetime | None, until: datetime | None
) -> list[Segment]:
    """Which segments of a channel are a stream's and come behind number ``after``.

    A publisher's segments belong together: they begin with a discontinuity, and the first of them may be dated back to
    before their stream, since encoders send what they have saved up. So a stream begins with those of which one begins
    at ``since`` or later, and the next stream with those of which one begins at ``until`` or later.
    """
    new: list[Segment] = []
    for run in _runs(segments):
        follows = run[0].number <= after
        newest = max(segment.starts_at for segment in run)
        if until is not None and newest >= until and not follows:
            break
        if since is None or new or newest >= since:
            new += [s for s in run if s.number > after and (until is None or s.starts_at < until)]
    return new


def _runs(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Segments without a discontinuity between them."""
    runs: list[list[Segment]] = []
    for segment in segments:
        if segment.is_discontinuity or not runs:
            runs.append([])
        runs[-1].append(segment)
    return runs
