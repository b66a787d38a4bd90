"""Reads whether a Redis answers, and its time."""

from datetime import UTC, datetime

from redis.asyncio import Redis

from streaming_app.backend.adapters.health_probes import Probe


def probe_redis(url: str) -> Probe:
    """Return a probe of the Redis at ``url`` that uses its own connection."""

    async def probe() -> None:
        async with Redis.from_url(url) as client:
            await client.execute_command("PING")

    return probe


async def read_redis_time(url: str) -> datetime:
    """Return the time of the clock of the Redis at ``url``. Raises ``RedisError`` or ``OSError``."""
    async with Redis.from_url(url) as client:
        seconds, microseconds = await client.time()
    return datetime.fromtimestamp(seconds + microseconds / 1_000_000, UTC)
