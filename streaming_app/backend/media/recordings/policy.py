"""The rules of recordings, as pure functions."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from streaming_app.backend.errors import ConflictError, ForbiddenError
from streaming_app.backend.media.recordings.hls import Segment
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason, RecordingLimits
from streaming_app.backend.streams.model import Channel

_GAP_MESSAGES = {
    RecordingGapReason.NONE: "",
    RecordingGapReason.DISK: "Parts of this recording are missing because the server's disk was nearly full.",
    RecordingGapReason.QUOTA: "This recording stops early because your storage was full.",
}


def gap_message(reason: RecordingGapReason) -> str:
    """What the owner should know of a recording; empty when it is whole."""
    return _GAP_MESSAGES[reason]


def may_delete(user_id: str, channel: Channel, recording: Recording, in_progress_id: str) -> None:
    """Raises ``ForbiddenError`` for anyone but the owner, ``ConflictError`` while the recording is being made."""
    if channel.owner_id != user_id:
        raise ForbiddenError("Only the channel's owner can delete its recordings.")
    if recording.recording_id == in_progress_id and recording.ended_at is None:
        raise ConflictError("This stream is still being recorded. End the stream or turn recording off first.")


def retention_cutoff(now: datetime, limits: RecordingLimits) -> datetime:
    """What ended before this has been kept long enough."""
    return now - limits.retention


def over_quota(oldest_first: Sequence[Recording], used: int, limits: RecordingLimits) -> Iterator[Recording]:
    """Which of a channel's finished recordings to delete so that there is room again in its quota."""
    for recording in oldest_first:
        if used < limits.quota:
            return
        used -= recording.size
        yield recording


def gap_reason(used: int, free: int, limits: RecordingLimits) -> RecordingGapReason:
    """What forbids to record on, with ``used`` bytes of the quota and ``free`` bytes of the disk."""
    if free < limits.reserve:
        return RecordingGapReason.DISK
    return RecordingGapReason.QUOTA if used >= limits.quota else RecordingGapReason.NONE


def new_segments(
    segments: Sequence[Segment], after: int, since: datetime | None, until: datetime | None
) -> list[Segment]:
    """Which segments of a channel are a stream's and come behind number ``after``.

    A publisher's segments belong together: they begin with a discontinuity, and the first of them may be dated back to
    before their stream, since encoders send what they have saved up. So a stream begins with those of which one begins
    at ``since`` or later, and the next stream with those of which one begins at ``until`` or later.
    """
    new: list[Segment] = []
    for group in _split_at_discontinuities(segments):
        follows = group[0].number <= after
        newest = max(segment.starts_at for segment in group)
        if until is not None and newest >= until and not follows:
            break
        if since is None or new or newest >= since:
            new += [s for s in group if s.number > after and (until is None or s.starts_at < until)]
    return new


def _split_at_discontinuities(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Segments without a discontinuity between them."""
    groups: list[list[Segment]] = []
    for segment in segments:
        if segment.is_discontinuity or not groups:
            groups.append([])
        groups[-1].append(segment)
    return groups
