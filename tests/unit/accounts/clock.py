"""A clock for the services of accounts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now
