"""Rate limits in Redis while it does not answer, after it has lost its data, and after its clock was set back."""

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import BlockingConnectionPool
from redis.asyncio import Redis as Client

from streaming_app.backend.adapters import redis_rate_limits
from streaming_app.backend.adapters.redis_rate_limits import KEY, RedisBuckets
from streaming_app.backend.errors import RateLimitedError
from streaming_app.backend.rate_limit import NewRateLimit, RateLimit
from tests.rig.conditions import until_async
from tests.rig.limits import limits_of, refused, spend
from tests.rig.metrics import Growth
from tests.rig.redis import Redis

GONE = "Redis does not answer, so rate limits count in each process: "
BACK = "Redis answers again, so rate limits count in all processes together"


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_rate_limits, "PAUSE_SECONDS", 0.02)


@pytest.fixture
def both(two_processes: list[NewRateLimit]) -> list[RateLimit]:
    return limits_of(two_processes)


async def test_each_process_counts_for_itself_while_redis_is_away(
    both: list[RateLimit], own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    growth = Growth()
    await spend(both, 2)
    own_redis.kill()

    for limit in both:  # each of them has counted one of the two
        await spend([limit], 2)
        await refused(limit)

    assert growth.of("rate_limits_without_redis_total") >= 4
    assert caplog.text.count(GONE) == 2, "once in each process"


async def test_all_processes_count_together_again_when_redis_is_back(
    both: list[RateLimit], own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    own_redis.kill()
    for limit in both:
        await limit.spend("somebody")
    own_redis.start()

    async def have_both_noticed() -> bool:
        for limit in both:
            await limit.refund("somebody")
        return caplog.text.count(BACK) == 2

    await until_async(have_both_noticed, "both processes asked Redis again")
    await spend(both, 3)

    for limit in both:
        await refused(limit)


async def test_a_process_remembers_what_redis_has_lost(both: list[RateLimit], own_redis: Redis) -> None:
    await spend([both[0]], 3)
    own_redis.kill()
    own_redis.start()

    await refused(both[0])
    await both[1].spend("ann")


async def test_a_frozen_redis_delays_only_the_first_action(
    both: list[RateLimit], own_redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(redis_rate_limits, "PAUSE_SECONDS", 600)

    with own_redis.frozen():
        await spend([both[0]], 3)
        await refused(both[0])

    assert caplog.text.count("Redis does not answer") == 1
    caplog.set_level("INFO")
    await refused(both[0])
    assert BACK not in caplog.text, "Redis is not asked during the pause"


async def test_a_late_answer_during_the_pause_is_not_the_return_of_redis(
    own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    now = 0.0
    limit = RateLimit(100, timedelta(seconds=1), lambda: now, "Too many.")
    pool = BlockingConnectionPool.from_url(own_redis.url, max_connections=1, timeout=0)
    async with Client.from_pool(pool) as client:
        buckets = RedisBuckets(client, lambda: now)
        took = await asyncio.gather(*(buckets.take("test", "ann", limit, 1) for _ in range(5)))
        assert sorted(answer is None for answer in took) == [False, True, True, True, True], "one had the connection"
        assert (caplog.text.count(GONE), caplog.text.count(BACK)) == (1, 0)

        now += redis_rate_limits.PAUSE_SECONDS
        assert await buckets.take("test", "ann", limit, 1)
    assert (caplog.text.count(GONE), caplog.text.count(BACK)) == (1, 1)


async def test_nobody_waits_longer_after_the_clock_of_redis_was_set_back(
    both: list[RateLimit], own_redis: Redis
) -> None:
    await both[0].spend("ann")
    async with Client.from_url(own_redis.url) as client:
        [key] = await client.keys(f"{KEY}:*")
        await client.set(key, int(await client.get(key)) + 10 * 3600 * 1_000_000)

    await both[1].spend("ann")


async def test_redis_stores_neither_names_nor_full_buckets(both: list[RateLimit], own_redis: Redis) -> None:
    await both[0].spend("ann@example.com")
    async with Client.from_url(own_redis.url) as client:
        [key] = await client.keys("*")
        assert b"ann" not in key
        assert 0 < await client.ttl(key) <= 3600

        await both[0].refund("ann@example.com")

        assert await client.keys("*") == []


async def test_a_refused_action_is_put_back_in_its_own_process(both: list[RateLimit], own_redis: Redis) -> None:
    await spend([both[1]], 3)
    for _ in range(5):
        await refused(both[0])
    own_redis.kill()

    await spend([both[0]], 3)

    with pytest.raises(RateLimitedError):
        await both[0].spend("ann")
