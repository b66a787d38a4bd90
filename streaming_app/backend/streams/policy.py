"""Rules for streams: pure functions that return a cleaned value, or raise."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from streaming_app.backend.clock_changes import CLOCKS_AGREE
from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.streams.model import Latency, Stream
from streaming_app.backend.text_cleaning import check_length, visible_line

TITLE_MAX = 140
CATEGORY_MAX = 40


@dataclass(frozen=True, slots=True)
class StreamTimeouts:
    """Timeouts from the settings of the same names."""

    reconnect_grace: timedelta
    end_hold: timedelta
    publisher_timeout: timedelta


def clean_title(title: str) -> str:
    """Return ``title`` as one line of 1 to ``TITLE_MAX`` characters; raises ``InvalidError``."""
    line = visible_line(title)
    if not line:
        raise InvalidError("title", "Enter a title.")
    return check_length(line, TITLE_MAX, "title")


def clean_category(category: str) -> str:
    """Return ``category`` as one line of 0 to ``CATEGORY_MAX`` characters; raises ``InvalidError``."""
    return check_length(visible_line(category), CATEGORY_MAX, "category")


def parse_latency(name: str) -> Latency:
    """Return the ``Latency`` of this name; raises ``InvalidError``."""
    try:
        return Latency(name)
    except ValueError:
        names = ", ".join(Latency)
        raise InvalidError("latency", f"Unknown delay. Choose one of these: {names}.") from None


def restart_delay(latest: Stream, now: datetime, times: StreamTimeouts) -> timedelta:
    """How long publishers are still rejected because the owner ended this stream; zero if they are not.

    An end in the future, which means that the clock was set back since, rejects nobody.
    """
    if not (latest.ended_by_owner and latest.ended_at and latest.ended_at <= now):
        return timedelta(0)
    return max(timedelta(0), latest.ended_at + times.end_hold - now)


def may_restart(latest: Stream, now: datetime, times: StreamTimeouts) -> None:
    """Raises ``ForbiddenError`` shortly after the owner ended the stream, because encoders reconnect automatically."""
    left = restart_delay(latest, now, times)
    if left:
        wait = f"{left.total_seconds():.0f} s"
        raise ForbiddenError(f"The stream was ended from the studio. You can start again in {wait}.")


def elapsed(since: datetime, now: datetime) -> timedelta:
    """The time between ``since`` and ``now``; ``timedelta.max`` if ``since`` lies in the future.

    Such a value was stored before the wall clock was set back.
    """
    time = now - since
    return time if time > -CLOCKS_AGREE else timedelta.max


def has_vanished(stream: Stream, now: datetime, times: StreamTimeouts) -> bool:
    """Whether a connected publisher has sent no heartbeat for longer than ``publisher_timeout``."""
    return stream.dropped_at is None and elapsed(stream.seen_at, now) > times.publisher_timeout


def is_over(stream: Stream, now: datetime, times: StreamTimeouts) -> bool:
    """Whether the publisher has been away for longer than the grace period, even if its disconnect was not recorded."""
    if stream.dropped_at is not None:
        return elapsed(stream.dropped_at, now) > times.reconnect_grace
    return elapsed(stream.seen_at, now) > times.publisher_timeout + times.reconnect_grace
