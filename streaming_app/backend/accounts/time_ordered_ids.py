"""Identifiers whose alphabetical order is the order of time, so that they are also cursors of pages."""

import secrets
from datetime import datetime

_RANDOM_BYTES = 10


def time_ordered_id(at: datetime) -> str:
    """Return a new random identifier of 32 hexadecimal digits, which sorts after those of earlier milliseconds."""
    return f"{int(at.timestamp() * 1000):012x}{secrets.token_hex(_RANDOM_BYTES)}"
