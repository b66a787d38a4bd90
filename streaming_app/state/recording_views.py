"""Recordings as pages show them."""

from dataclasses import dataclass

from streaming_app.backend.media.recordings import policy
from streaming_app.backend.media.recordings.addresses import recording_chat, recording_playlist, recording_poster
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.streams.model import Channel


@dataclass(frozen=True)
class RecordingView:
    """A recording of a stream that is over."""

    recording_id: str = ""
    slug: str = ""
    """Of its channel."""
    title: str = ""
    category: str = ""
    started_at: str = ""
    """ISO 8601, UTC."""
    duration: str = ""
    """As clocks show it: 12:34, 1:02:03."""
    spoken: str = ""
    """The same in words."""
    size: str = ""
    note: str = ""
    """What is wrong with it, for its owner."""
    is_empty: bool = False
    """Whether there is nothing to watch."""
    playlist: str = ""
    """Path of its playlist at the front door."""
    poster: str = ""
    """Path of its picture at the front door, if there is one."""
    chat: str = ""
    """Path of what was said meanwhile, at the front door."""


def recording_view(channel: Channel, recording: Recording) -> RecordingView:
    """The view of a recording of ``channel``."""
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
    """A length as clocks show it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def spoken(seconds: float) -> str:
    """A length in words, its two largest units."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    known = [f"{number} {unit}" for number, unit in parts if number][:2]
    return " ".join(known) or "0 s"


def size(size: int) -> str:
    """Bytes as people read them: three digits at most."""
    amount, units = float(size), ["bytes", "kB", "MB", "GB", "TB"]
    while amount >= 999.5 and len(units) > 1:  # noqa: PLR2004 - what would show as 1000
        amount /= 1000
        units.pop(0)
    digits = 0 if units[0] == "bytes" or amount >= 9.95 else 1  # noqa: PLR2004 - what would show as 10.0
    return f"{amount:.{digits}f} {units[0]}"
