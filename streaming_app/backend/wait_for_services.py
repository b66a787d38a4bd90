"""Waits until the services that a process needs answer, so that processes may start in any order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from redis.exceptions import RedisError

from streaming_app.backend.adapters.kafka import KafkaUnreachableError
from streaming_app.backend.adapters.kafka.topics import check_topics
from streaming_app.backend.adapters.redis_probe import probe_redis
from streaming_app.backend.bootstrap import open_store
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0


async def wait_for_services(settings: Settings, pause_seconds: float = PAUSE_SECONDS) -> None:
    """Wait until store, Kafka with its topics, and Redis answer, as far as the settings name them."""
    await keep_trying(partial(_check_store, settings), pause_seconds)
    await keep_trying(partial(_check_kafka, settings), pause_seconds)
    await keep_trying(partial(_check_redis, settings), pause_seconds)


async def keep_trying(action: Callable[[], Awaitable[None]], pause_seconds: float = PAUSE_SECONDS) -> None:
    """Repeat the action until it raises no ``SetupError``. Log each error once, if it does not change."""
    reported = ""
    while True:
        try:
            await action()
        except SetupError as refused:
            if str(refused) != reported:
                log.warning("Waiting: %s", refused)
            reported = str(refused)
        else:
            return
        await asyncio.sleep(pause_seconds)


async def _check_store(settings: Settings) -> None:
    if settings.mongo_url:
        async with open_store(settings):
            pass


async def _check_kafka(settings: Settings) -> None:
    servers = settings.kafka_bootstrap_servers
    if not servers:
        return
    try:
        await check_topics(servers, settings.kafka_topic_prefix, settings.kafka_retention)
    except (KafkaUnreachableError, TimeoutError):
        raise SetupError(f"Kafka at {servers} does not answer.") from None


async def _check_redis(settings: Settings) -> None:
    if settings.redis_url:
        try:
            await probe_redis(settings.redis_url.get_secret_value())()
        except (RedisError, OSError) as failed:
            raise SetupError(f"The server in REDIS_URL does not answer ({type(failed).__name__}).") from None
