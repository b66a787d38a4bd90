"""What both kinds of rate limits have in common."""

from datetime import timedelta

import pytest

from streaming_app.backend.adapters import redis_rate_limits
from streaming_app.backend.errors import RateLimitedError
from streaming_app.backend.rate_limit import NewRateLimit
from tests.rig.conditions import until_async
from tests.rig.limits import HOUR, limits_of, refused, spend


@pytest.fixture(autouse=True)
def patient_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, Redis may not answer in time, and then each process counts for itself."""
    monkeypatch.setattr(redis_rate_limits, "TIMEOUT_SECONDS", 10.0)


async def test_the_burst_is_allowed_in_all_processes_together(new_limits: list[NewRateLimit]) -> None:
    every = limits_of(new_limits)

    await spend(every, 3)

    for limit in every:
        error = await refused(limit)
        assert error.public_message.startswith("Slow down. Try again in ")
        assert timedelta(0) < error.retry_after <= HOUR


async def test_tokens_come_back_one_by_one(new_limits: list[NewRateLimit]) -> None:
    every = limits_of(new_limits, timedelta(milliseconds=20))
    await spend(every, 3)

    async def is_allowed() -> bool:
        try:
            await every[-1].spend("ann")
        except RateLimitedError:
            return False
        return True

    for _ in range(4):
        await until_async(is_allowed, "a token was back")


async def test_refused_attempts_are_not_counted(new_limits: list[NewRateLimit]) -> None:
    every = limits_of(new_limits)
    await spend(every, 3)
    waits = [(await refused(limit)).retry_after for limit in every * 3]

    assert max(waits) <= HOUR


async def test_a_refunded_token_can_be_spent_in_any_process(new_limits: list[NewRateLimit]) -> None:
    every = limits_of(new_limits)
    await spend(every, 3)

    await every[0].refund("ann")

    await every[-1].spend("ann")
    for limit in every:
        await refused(limit)


async def test_nobody_gets_more_than_the_burst_by_refunds(new_limits: list[NewRateLimit]) -> None:
    every = limits_of(new_limits)
    for limit in every:
        await limit.refund("ann")

    await spend(every, 3)

    await refused(every[0])


async def test_everybody_has_a_limit_of_their_own(new_limits: list[NewRateLimit]) -> None:
    every = limits_of(new_limits)
    await spend(every, 3)

    await spend(every, 3, "bob")
    await spend(limits_of(new_limits, name="other"), 3)


async def test_the_remaining_actions_are_told(new_limits: list[NewRateLimit]) -> None:
    every = limits_of(new_limits)
    spent = [every[0], every[-1], every[0]]

    until_full = [await limit.spend("ann") for limit in spent]

    assert [limit.left(time) for limit, time in zip(spent, until_full, strict=True)] == [2, 1, 0]
    assert timedelta(0) < until_full[0] <= HOUR < until_full[1] <= 2 * HOUR < until_full[2] <= 3 * HOUR
