"""Rules for recordings, as pure functions."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from streaming_app.backend.errors import ConflictError, ForbiddenError
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason, RecordingLimits
from streaming_app.backend.media.window_snapshot import Segment
from streaming_app.backend.streams.model import Channel

_GAP_MESSAGES = {
    RecordingGapReason.NONE: "",
    RecordingGapReason.DISK: "Parts of this recording are missing because the server's disk was nearly full.",
    RecordingGapReason.QUOTA: "This recording stops early because your storage was full.",
}


def gap_message(reason: RecordingGapReason) -> str:
    """Return what the owner is told about a recording's gaps; empty if it has none."""
    return _GAP_MESSAGES[reason]


def may_delete(user_id: str, channel: Channel, recording: Recording, in_progress_id: str) -> None:
    """Check that the user may delete the recording.

    Raises ``ForbiddenError`` for anyone but the channel's owner, and ``ConflictError`` while the recording is being
    made.
    """
    if channel.owner_id != user_id:
        raise ForbiddenError("Only the channel's owner can delete its recordings.")
    must_be_finished(recording, in_progress_id)


def must_be_finished(recording: Recording, in_progress_id: str) -> None:
    """Raises ``ConflictError`` while the recording is being made."""
    if recording.recording_id == in_progress_id and recording.ended_at is None:
        raise ConflictError("This stream is still being recorded. End the stream or turn recording off first.")


def retention_cutoff(now: datetime, limits: RecordingLimits) -> datetime:
    """Return the instant before which recordings must have ended to be removed because of their age."""
    return now - limits.retention


def over_quota(oldest_first: Sequence[Recording], used: int, limits: RecordingLimits) -> Iterator[Recording]:
    """Yield the finished recordings of a channel to remove, so that it uses less than its quota again."""
    for recording in oldest_first:
        if used < limits.quota:
            return
        used -= recording.size
        yield recording


def gap_reason(used: int, free: int, limits: RecordingLimits) -> RecordingGapReason:
    """Return why no more can be recorded, if the channel uses ``used`` bytes and the disk has ``free`` bytes left."""
    if free < limits.reserve:
        return RecordingGapReason.DISK
    return RecordingGapReason.QUOTA if used >= limits.quota else RecordingGapReason.NONE


def new_segments(
    segments: Sequence[Segment], after: int, since: datetime | None, until: datetime | None
) -> list[Segment]:
    """Return the segments of one stream with numbers above ``after``.

    The segments of one publisher form a group that begins with a discontinuity. The first of them may be dated before
    the stream's start, because encoders send buffered video when they connect. A stream therefore begins with the
    first group that has a segment dated ``since`` or later. The next stream begins with the first group that has a
    segment dated ``until`` or later.
    """
    new: list[Segment] = []
    for group in _split_at_discontinuities(segments):
        was_recorded = group[0].number <= after
        newest = max(segment.starts_at for segment in group)
        if until is not None and newest >= until and not was_recorded:
            break
        if since is None or new or newest >= since:
            new += [s for s in group if s.number > after and (until is None or s.starts_at < until)]
    return new


def _split_at_discontinuities(segments: Sequence[Segment]) -> list[list[Segment]]:
    groups: list[list[Segment]] = []
    for segment in segments:
        if segment.is_discontinuity or not groups:
            groups.append([])
        groups[-1].append(segment)
    return groups
