"""The view model of recordings."""

from dataclasses import dataclass

from streaming_app.backend.media.recordings import policy
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.media.recordings.urls import recording_chat, recording_playlist, recording_poster
from streaming_app.backend.streams.model import Channel


@dataclass(frozen=True)
class RecordingView:
    """A recording of a stream that has ended."""

    recording_id: str = ""
    slug: str = ""
    """Slug of the channel."""
    title: str = ""
    category: str = ""
    started_at: str = ""
    """ISO 8601, UTC."""
    duration: str = ""
    """In the format of ``clock``, such as ``12:34`` or ``1:02:03``."""
    spoken: str = ""
    """The duration in words."""
    size: str = ""
    note: str = ""
    """The reason why a part is missing, for the owner; empty if the recording is complete."""
    is_empty: bool = False
    """Whether the recording contains no media."""
    playlist: str = ""
    """URL path of the playlist."""
    poster: str = ""
    """URL path of the poster image. The image may not exist."""
    chat: str = ""
    """URL path of the chat messages that were sent during the stream."""


def recording_view(channel: Channel, recording: Recording) -> RecordingView:
    """Return the view of a recording of ``channel``."""
    recording_id = recording.recording_id
    return RecordingView(
        recording_id=recording_id,
        slug=channel.slug,
        title=recording.title,
        category=recording.category,
        started_at=recording.started_at.isoformat(),
        duration=clock(recording.seconds),
        spoken=spoken(recording.seconds),
        size=size(recording.size),
        note=policy.gap_message(recording.gap_reason),
        is_empty=not recording.seconds,
        playlist=recording_playlist(recording_id),
        poster=recording_poster(recording_id),
        chat=recording_chat(recording_id),
    )


def clock(seconds: float) -> str:
    """Format a duration in seconds as ``1:02:03``, or ``2:03`` if it is shorter than an hour."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spoken(seconds: float) -> str:
    """Format a duration in seconds in words, with its two largest units."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    known = [f"{number} {unit}" for number, unit in parts if number][:2]
    return " ".join(known) or "0 s"


def size(size: int) -> str:
    """Format a number of bytes with a decimal unit (kB is 1000 bytes) and at most three digits."""
    amount, units = float(size), ["bytes", "kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:  # noqa: PLR2004 - what would show as 1000
        amount /= 1000
        units.pop(0)
    digits = 0 if units[0] == "bytes" or amount >= 9.95 else 1  # noqa: PLR2004 - what would show as 10.0
    return f"{amount:.{digits}f} {units[0]}"
