"""When video and chat flowed again after a fault."""

import time
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

VIDEO_STALL_SECONDS, CHAT_STALL_SECONDS = 1.0, 2.0
"""Something that arrives several times a second has stalled if nothing arrives for this time."""


class Arrivals:
    """When something arrived, in seconds of the monotonic clock."""

    def __init__(self, stall_seconds: float = VIDEO_STALL_SECONDS) -> None:
        self._stall_seconds = stall_seconds
        self.times = array("d")

    def add(self) -> None:
        """Record that something has arrived now."""
        self.times.append(time.monotonic())

    def recovered_after(self, ended_at: float) -> float | None:
        """Return ``recovered_after`` for these times until now."""
        return recovered_after(self.times, ended_at, time.monotonic(), self._stall_seconds)


def recovered_after(
    times: Sequence[float], ended_at: float, now: float, stall_seconds: float = VIDEO_STALL_SECONDS
) -> float | None:
    """Return the time from the end of a fault to the end of the last stall after it, or ``None`` if it still stalls.

    The time is 0 if nothing stalled for longer than ``stall_seconds``. A stall may have begun during the fault. If the
    first one began later, because a program that was to stop went on for a while, the time counts from there.
    """
    since = max(0, bisect_right(times, ended_at) - 1)
    recent = times[since:] or [0.0]
    if now - recent[-1] > stall_seconds:
        return None
    stalls = [stall for stall in pairwise(recent) if stall[1] - stall[0] > stall_seconds and stall[1] > ended_at]
    return stalls[-1][1] - max(ended_at, stalls[0][0]) if stalls else 0.0


def slowest(flows: Iterable[Arrivals], ended_at: float) -> float | None:
    """Return the recovery time of the slowest of several flows, or ``None`` if one of them still stalls."""
    found = [flow.recovered_after(ended_at) for flow in flows]
    known = [seconds for seconds in found if seconds is not None]
    return max(known, default=0.0) if len(known) == len(found) else None
