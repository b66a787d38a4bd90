"""The rules of streams, as pure functions that return the cleaned value or raise."""

from datetime import datetime, timedelta

from streaming_app.backend.errors import ForbiddenError, InvalidError
from streaming_app.backend.streams.model import Stream

TITLE_MAX = 140
CATEGORY_MAX = 40


def clean_title(title: str) -> str:
    """One line of 1 to ``TITLE_MAX`` characters; raises ``InvalidError``."""
    line = " ".join(title.split())
    if not line:
        raise InvalidError("title", "Give the stream a title: it is what viewers choose by.")
    if len(line) > TITLE_MAX:
        raise InvalidError("title", f"Use {TITLE_MAX} characters or fewer: this is {len(line)}.")
    return line


def clean_category(category: str) -> str:
    """One line of up to ``CATEGORY_MAX`` characters, perhaps none; raises ``InvalidError``."""
    line = " ".join(category.split())
    if len(line) > CATEGORY_MAX:
        raise InvalidError("category", f"Use {CATEGORY_MAX} characters or fewer: this is {len(line)}.")
    return line


def may_stream(*, banned: bool) -> None:
    """Raises ``ForbiddenError`` for an owner who is banned from the site."""
    if banned:
        raise ForbiddenError("This account is banned from the site.")


def may_start_again(latest: Stream, now: datetime, hold: timedelta) -> None:
    """Raises ``ForbiddenError`` while a stream's owner has just ended it: encoders reconnect by themselves."""
    if latest.ended_by_owner and latest.ended_at and now < latest.ended_at + hold:
        wait = (latest.ended_at + hold - now).total_seconds()
        raise ForbiddenError(f"The stream was ended from the studio. Publish again in {wait:.0f} s.")


def has_vanished(stream: Stream, now: datetime, timeout: timedelta) -> bool:
    """Whether a connected publisher has given no sign of life for ``timeout``."""
    return stream.dropped_at is None and now - stream.seen_at > timeout


def is_over(stream: Stream, now: datetime, grace: timedelta) -> bool:
    """Whether a dropped publisher has been away for longer than ``grace``."""
    return stream.dropped_at is not None and now - stream.dropped_at > grace
