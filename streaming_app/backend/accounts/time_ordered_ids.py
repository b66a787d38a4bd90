"""Identifiers whose alphabetical order is the order of time, so that they are also cursors of pages."""

import secrets
from datetime import datetime
from itertools import count

_RANDOM_BYTES = 6
_numbers = count()


def time_ordered_id(at: datetime) -> str:
    """Return a new identifier of 32 hexadecimal digits, which sorts after those of earlier milliseconds.

    In one process, it also sorts after the earlier ones of the same millisecond.
    """
    return f"{int(at.timestamp() * 1000):012x}{next(_numbers) % (1 << 32):08x}{secrets.token_hex(_RANDOM_BYTES)}"
