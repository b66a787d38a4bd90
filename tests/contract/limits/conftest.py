"""Rate limits in one process, and in two processes that share a Redis."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

import pytest

from streaming_app.backend.adapters.redis_rate_limits import open_limits
from streaming_app.backend.config import Settings
from streaming_app.backend.rate_limit import NewRateLimit, limits_in_process
from tests.rig.redis import Redis


def redis_settings(folder: Path, server: Redis) -> Settings:
    return Settings.model_validate({"data_dir": folder, "redis_url": server.url})


@pytest.fixture
async def two_processes(own_redis: Redis, tmp_path: Path) -> AsyncIterator[list[NewRateLimit]]:
    """The factories of two processes."""
    async with AsyncExitStack() as stack:
        settings = redis_settings(tmp_path, own_redis)
        yield [await stack.enter_async_context(open_limits(settings)) for _ in range(2)]


@pytest.fixture(params=["in process", "in Redis"])
def new_limits(request: pytest.FixtureRequest) -> list[NewRateLimit]:
    """The factories that count together: one in one process, or two with a Redis."""
    if request.param == "in process":
        return [limits_in_process(monotonic)]
    return request.getfixturevalue("two_processes")
