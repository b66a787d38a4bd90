"""Detects that a chatter sends the same message again. Each process only knows its own messages."""

from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.errors import RateLimitedError

REPEAT_INTERVAL = timedelta(seconds=10)
_SWEEP_ABOVE = 10_000
"""Number of remembered messages above which old ones are removed."""


class DuplicateMessageGuard:
    """Remembers the last message of each chatter in each channel. Nobody waits longer if the clock is set back."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._last: dict[tuple[str, str], tuple[str, datetime, str]] = {}

    def check(self, channel_id: str, user_id: str, text: str, message_id: str) -> None:
        """Remember a message. Raises ``RateLimitedError`` if the last one had the same text and is too recent.

        A message with the ``message_id`` of the last one is a retry, not a duplicate.
        """
        now, key = self._now(), (channel_id, user_id)
        last_text, at, last_id = self._last.get(key, ("", now, ""))
        wait = at + REPEAT_INTERVAL - now
        if last_text == text and last_id != message_id and timedelta(0) < wait <= REPEAT_INTERVAL:
            raise RateLimitedError("You just sent that. Send something else, or wait a moment.", wait)
        if len(self._last) > _SWEEP_ABOVE:
            self._last = {who: last for who, last in self._last.items() if last[1] + REPEAT_INTERVAL > now}
        self._last[key] = (text, now, message_id)

    def forget(self, channel_id: str, user_id: str) -> None:
        """Forget the last message, because it was not sent."""
        self._last.pop((channel_id, user_id), None)
