"""Rate limits over all processes of the site, counted in Redis."""

import hashlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from streaming_app.backend.adapters.metrics.definitions import LIMITS_IN_PROCESS
from streaming_app.backend.config import Settings
from streaming_app.backend.failure_causes import cause_of
from streaming_app.backend.rate_limit import NewRateLimit, RateLimit, limits_in_process

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.5
"""How long an action may wait for Redis."""
PAUSE_SECONDS = 2.0
"""How long Redis is not asked after it did not answer."""
CONNECTIONS_MAX = 20
KEY = "streaming_app:limit"
MICROSECOND = timedelta(microseconds=1)

# KEYS[1] has the time at which the bucket is full, in microseconds. ARGV: burst, refill in microseconds, and the tokens
# to take: 1, or -1 to put one back. Returns the microseconds to wait (nothing is taken if there are any), and
# those until the bucket is full. A bucket that would be full only later than an empty one is of a clock that was set
# back, and counts as full.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local burst, refill, tokens = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
if full_at < now or full_at > now + burst * refill then
    full_at = now
end
local next_full_at = full_at + tokens * refill
if next_full_at > now + burst * refill then
    return {math.ceil(next_full_at - now - burst * refill), full_at - now}
end
if next_full_at > now then
    redis.call('SET', KEYS[1], string.format('%.0f', next_full_at), 'PX', math.ceil((next_full_at - now) / 1000))
else
    redis.call('DEL', KEYS[1])
    next_full_at = now
end
return {0, next_full_at - now}
"""


class RedisBuckets:
    """Takes tokens from buckets in Redis. Buckets are named by hashes, because keys may be emails or addresses."""

    def __init__(self, client: Redis, clock: Callable[[], float] = monotonic) -> None:
        self._run = client.register_script(_SCRIPT)
        self._clock = clock
        self._ask_again_at: float | None = None

    async def take(self, name: str, who: str, limit: RateLimit, tokens: int) -> tuple[timedelta, timedelta] | None:
        """Take ``tokens``. Return the time to wait and the time until the bucket is full; ``None`` without Redis."""
        if self._ask_again_at is not None and self._clock() < self._ask_again_at:
            LIMITS_IN_PROCESS.inc()
            return None
        hashed = hashlib.blake2b(who.encode(), digest_size=16).hexdigest()
        arguments = (limit.burst, limit.refill // MICROSECOND, tokens)
        try:
            answer = self._run(keys=[f"{KEY}:{name}:{hashed}"], args=arguments)
            wait, until_full = await cast("Awaitable[tuple[int, int]]", answer)
        except (RedisError, OSError, TimeoutError) as failed:
            if self._ask_again_at is None:
                log.warning("Redis does not answer, so rate limits count in each process: %s", cause_of(failed))
            self._ask_again_at = self._clock() + PAUSE_SECONDS
            LIMITS_IN_PROCESS.inc()
            return None
        if self._ask_again_at is not None and self._clock() >= self._ask_again_at:
            log.info("Redis answers again, so rate limits count in all processes together")
            self._ask_again_at = None
        return wait * MICROSECOND, until_full * MICROSECOND


class SharedRateLimit(RateLimit):
    """A rate limit that counts in Redis, and also in this process, which decides alone while Redis does not answer.

    This process counts a part of what Redis counts, so it refuses nothing that Redis would allow, unless Redis has
    lost its data.
    """

    def __init__(
        self,
        name: str,
        burst: int,
        refill: timedelta,
        clock: Callable[[], float],
        complaint: str,
        buckets: RedisBuckets,
    ) -> None:
        super().__init__(burst, refill, clock, complaint)
        self._name = name
        self._buckets = buckets

    async def spend(self, who: str) -> timedelta:
        until_full = await super().spend(who)
        if shared := await self._buckets.take(self._name, who, self, 1):
            wait, until_shared_full = shared
            if wait:
                await super().refund(who)
                raise self.error(wait)
            until_full = max(until_full, until_shared_full)
        return until_full

    async def refund(self, who: str) -> None:
        await super().refund(who)
        await self._buckets.take(self._name, who, self, -1)


@asynccontextmanager
async def open_limits(settings: Settings) -> AsyncGenerator[NewRateLimit]:
    """Yield the factory of all rate limits: in Redis if the settings name one, otherwise in this process.

    Redis need not answer.
    """
    if settings.redis_url is None:
        yield limits_in_process(monotonic)
        return
    pool = BlockingConnectionPool.from_url(
        settings.redis_url.get_secret_value(),
        max_connections=CONNECTIONS_MAX,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    async with Redis.from_pool(pool) as client:
        buckets = RedisBuckets(client)

        def new_limit(name: str, burst: int, refill: timedelta, complaint: str) -> RateLimit:
            return SharedRateLimit(name, burst, refill, monotonic, complaint, buckets)

        yield new_limit
