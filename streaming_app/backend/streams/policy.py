"""The rules of streams, as pure functions that return the cleaned value or raise."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from streaming_app.backend.clock import CLOCKS_AGREE
from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.streams.model import Latency, Stream
from streaming_app.backend.text import visible_line

TITLE_MAX = 140
CATEGORY_MAX = 40


@dataclass(frozen=True, slots=True)
class StreamTimeouts:
    """How long things may take; ``Settings`` documents each."""

    reconnect_grace: timedelta
    end_hold: timedelta
    publisher_timeout: timedelta


def clean_title(title: str) -> str:
    """One line of 1 to ``TITLE_MAX`` characters; raises ``InvalidError``."""
    line = visible_line(title)
    if not line:
        raise InvalidError("title", "Enter a title.")
    if len(line) > TITLE_MAX:
        raise InvalidError("title", f"Use {TITLE_MAX} characters or fewer. You entered {len(line)}.")
    return line


def clean_category(category: str) -> str:
    """One line of up to ``CATEGORY_MAX`` characters, perhaps none; raises ``InvalidError``."""
    line = visible_line(category)
    if len(line) > CATEGORY_MAX:
        raise InvalidError("category", f"Use {CATEGORY_MAX} characters or fewer. You entered {len(line)}.")
    return line


def parse_latency(name: str) -> Latency:
    """The delay called ``name``; raises ``InvalidError``."""
    try:
        return Latency(name)
    except ValueError:
        names = ", ".join(Latency)
        raise InvalidError("latency", f"Unknown delay. Choose one of these: {names}.") from None


def may_stream(*, banned: bool) -> None:
    """Raises ``ForbiddenError`` for an owner who is banned from the site."""
    if banned:
        raise ForbiddenError("This account is banned from the site.")


def restart_delay(latest: Stream, now: datetime, times: StreamTimeouts) -> timedelta:
    """How long encoders are still refused because the owner ended this stream; zero when they are not.

    Of an end in the future, before the clock was set back, nothing is left.
    """
    if not (latest.ended_by_owner and latest.ended_at and latest.ended_at <= now):
        return timedelta(0)
    return max(timedelta(0), latest.ended_at + times.end_hold - now)


def may_restart(latest: Stream, now: datetime, times: StreamTimeouts) -> None:
    """Raises ``ForbiddenError`` while a stream's owner has just ended it: encoders reconnect by themselves."""
    left = restart_delay(latest, now, times)
    if left:
        wait = f"{left.total_seconds():.0f} s"
        raise ForbiddenError(f"The stream was ended from the studio. You can start again in {wait}.")


def elapsed(since: datetime, now: datetime) -> timedelta:
    """How much time has passed; very much when ``since`` was stored before the wall clock was set back."""
    time = now - since
    return time if time > -CLOCKS_AGREE else timedelta.max


def has_vanished(stream: Stream, now: datetime, times: StreamTimeouts) -> bool:
    """Whether a connected publisher has given no sign of life for too long."""
    return stream.dropped_at is None and elapsed(stream.seen_at, now) > times.publisher_timeout


def is_over(stream: Stream, now: datetime, times: StreamTimeouts) -> bool:
    """Whether the publisher has been away for longer than the grace period, even if nobody was there to notice."""
    if stream.dropped_at is not None:
        return elapsed(stream.dropped_at, now) > times.reconnect_grace
    return elapsed(stream.seen_at, now) > times.publisher_timeout + times.reconnect_grace
