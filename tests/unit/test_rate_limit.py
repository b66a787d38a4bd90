"""Rate limits in the memory of a process: a burst, then a constant rate, by a clock of the test."""

from datetime import timedelta

import pytest

from streaming_app.backend import rate_limit
from streaming_app.backend.errors import RateLimitedError
from streaming_app.backend.rate_limit import RateLimit

REFILL = timedelta(seconds=2)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def forward(self, duration: timedelta) -> None:
        self.seconds += duration.total_seconds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> RateLimit:
    return RateLimit(3, REFILL, clock, "Slow down.")


async def spend(limit: RateLimit, times: int, user_id: str = "ann") -> None:
    for _ in range(times):
        await limit.spend(user_id)


async def test_the_burst_is_allowed_and_the_next_message_must_wait(limit: RateLimit) -> None:
    await spend(limit, 3)

    with pytest.raises(RateLimitedError) as refused:
        await limit.spend("ann")

    assert refused.value.retry_after == REFILL
    assert refused.value.public_message == "Slow down. Try again in 2 seconds."


async def test_one_message_is_allowed_after_the_wait(limit: RateLimit, clock: Clock) -> None:
    await spend(limit, 3)
    clock.forward(REFILL)

    await limit.spend("ann")

    with pytest.raises(RateLimitedError):
        await limit.spend("ann")


async def test_the_remaining_wait_is_rounded_up(limit: RateLimit, clock: Clock) -> None:
    await spend(limit, 3)
    clock.forward(REFILL - timedelta(milliseconds=1))

    with pytest.raises(RateLimitedError) as refused:
        await limit.spend("ann")

    assert refused.value.public_message == "Slow down. Try again in a second."


async def test_a_refused_message_is_not_counted(limit: RateLimit, clock: Clock) -> None:
    await spend(limit, 3)
    for _ in range(10):
        with pytest.raises(RateLimitedError):
            await limit.spend("ann")
    clock.forward(REFILL)

    await limit.spend("ann")


async def test_the_bucket_never_exceeds_the_burst(limit: RateLimit, clock: Clock) -> None:
    await spend(limit, 3)
    clock.forward(timedelta(days=1))

    await spend(limit, 3)

    with pytest.raises(RateLimitedError):
        await limit.spend("ann")


async def test_each_chatter_has_a_separate_limit(limit: RateLimit) -> None:
    await spend(limit, 3, "ann")

    await limit.spend("bob")
    with pytest.raises(RateLimitedError):
        await limit.spend("ann")


async def test_idle_chatters_are_removed_from_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "_SWEEP_ABOVE", 10)
    limit = RateLimit(3, REFILL, clock, "Slow down.")
    for number in range(11):
        await limit.spend(f"silent{number}")
    clock.forward(REFILL)
    await spend(limit, 3)

    assert len(limit._full_at) == 1  # pyright: ignore[reportPrivateUsage] - seen nowhere else
    with pytest.raises(RateLimitedError):
        await limit.spend("ann")
