"""The rules of recordings, as pure functions."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from streaming_app.backend.errors import ConflictError, ForbiddenError
from streaming_app.backend.media.recordings.model import Recording, Shortage, Terms
from streaming_app.backend.streams.model import Channel

_MISSING = {
    Shortage.NONE: "",
    Shortage.DISK: "Parts of this recording are missing: the disk of the server was nearly full.",
    Shortage.QUOTA: "This recording stops where it filled your space.",
}


def missing(shortage: Shortage) -> str:
    """What the owner should know of a recording; empty when it is whole."""
    return _MISSING[shortage]


def may_delete(user_id: str, channel: Channel, recording: Recording, running_id: str) -> None:
    """Raises ``ForbiddenError`` for anyone but the owner, ``ConflictError`` while the recording is being made."""
    if channel.owner_id != user_id:
        raise ForbiddenError("Only its owner can delete a recording.")
    if recording.recording_id == running_id and recording.ended_at is None:
        raise ConflictError("This stream is being recorded now. End it first, or switch recording off.")


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
