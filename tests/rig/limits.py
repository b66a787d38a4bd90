"""Rate limits for tests."""

from datetime import timedelta
from itertools import cycle, islice

import pytest

from streaming_app.backend.errors import RateLimitedError
from streaming_app.backend.rate_limit import NewRateLimit, RateLimit

HOUR = timedelta(hours=1)


def unlimited() -> RateLimit:
    """Return a rate limit that refuses nothing."""
    return RateLimit(1_000_000, timedelta(seconds=1), lambda: 0.0, "Slow down.")


def limits_of(new_limits: list[NewRateLimit], refill: timedelta = HOUR, name: str = "test") -> list[RateLimit]:
    """Return the limit of each process: three actions at once."""
    return [new_limit(name, 3, refill, "Slow down.") for new_limit in new_limits]


async def spend(limits: list[RateLimit], times: int, who: str = "ann") -> None:
    """Spend so many tokens, in each process in turn."""
    for limit in islice(cycle(limits), times):
        await limit.spend(who)


async def refused(limit: RateLimit, who: str = "ann") -> RateLimitedError:
    """Return the error of an action that the limit refuses."""
    with pytest.raises(RateLimitedError) as found:
        await limit.spend(who)
    return found.value
