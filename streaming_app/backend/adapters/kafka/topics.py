"""The topics that the site needs in Kafka: made on purpose, checked at start."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streaming_app.backend.errors import SetupError
from streaming_app.backend.events import DEAD_LETTER_SUFFIX, TOPICS

TIMESTAMP_TYPE = "message.timestamp.type"
LOG_APPEND_TIME = "LogAppendTime"
"""The broker dates the records: an event's position must not depend on the clock of the process that said it."""

BROKER_DEFAULT = -1
REQUEST_MS = 10_000
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class TopicReport:
    """One topic after ``make_topics``."""

    name: str
    created: bool
    partitions: int


async def make_topics(
    bootstrap_servers: str, prefix: str, partitions: int = BROKER_DEFAULT, replication: int = BROKER_DEFAULT
) -> list[TopicReport]:
    """Make those that are missing; the others stay as they are. Raises ``SetupError`` with what is wrong."""
    names = _names(prefix)
    try:
        async with _admin(bootstrap_servers) as admin:
            created = await _create(admin, names, partitions, replication)
            counts = await _partition_counts(admin, names)
            await _check_timestamps(admin, names)
    except (KafkaError, TimeoutError) as error:
        message = (
            f"Kafka at {bootstrap_servers} does not answer ({type(error).__name__}). Is it running, and is"
            " KAFKA_BOOTSTRAP_SERVERS right?"
        )
        raise SetupError(message) from error
    return [TopicReport(name, name in created, counts[name]) for name in names]


async def check_topics(bootstrap_servers: str, prefix: str) -> None:
    """Raises ``SetupError`` when a topic is missing or not as it must be, ``KafkaError`` when Kafka is out of reach."""
    names = _names(prefix)
    async with _admin(bootstrap_servers) as admin:
        missing = sorted(set(names) - set(await admin.list_topics()))
        if missing:
            message = f"Kafka has no topic {', '.join(missing)}: run `python -m streaming_app.backend topics` first."
            raise SetupError(message)
        await _check_timestamps(admin, names)


def _names(prefix: str) -> list[str]:
    return [f"{prefix}{topic}{suffix}" for topic in TOPICS for suffix in ("", DEAD_LETTER_SUFFIX)]


@asynccontextmanager
async def _admin(bootstrap_servers: str) -> AsyncGenerator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=REQUEST_MS)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, names: Collection[str], partitions: int, replication: int) -> set[str]:
    defaults = BROKER_DEFAULT in (partitions, replication)
    wanted = [
        # aiokafka lets the broker's defaults through only beside an assignment of replicas; an empty one is none.
        NewTopic(name, partitions, replication, {} if defaults else None, {TIMESTAMP_TYPE: LOG_APPEND_TIME})
        for name in names
    ]
    made: Any = await admin.create_topics(wanted)
    for name, code, reason in made.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            message = f"Kafka did not make the topic {name}: {reason or error.__name__}"
            raise SetupError(message)
    return {name for name, code, _ in made.topic_errors if code == 0}


async def _partition_counts(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    async with asyncio.timeout(REQUEST_MS / 1000):
        while True:
            counts = {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics(names)}
            if all(counts.values()):
                return counts
            await asyncio.sleep(POLL_SECONDS)  # brokers hear of a new topic a moment after it was made


async def _check_timestamps(admin: AIOKafkaAdminClient, names: Collection[str]) -> None:
    answers: list[Any] = await admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name, {TIMESTAMP_TYPE: None}) for name in names]
    )
    resources = [resource for answer in answers for resource in answer.resources]
    wrong = [name for _, _, _, name, entries in resources if entries and entries[0][1] != LOG_APPEND_TIME]
    if wrong:
        message = (
            f"Kafka's topic {', '.join(wrong)} needs {TIMESTAMP_TYPE}={LOG_APPEND_TIME}: kafka-configs.sh sets it."
        )
        raise SetupError(message)
