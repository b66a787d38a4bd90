"""Creates the Kafka topics that the site needs, and checks them at start."""

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
"""The broker sets the timestamps, so that an event's position does not depend on the clock of the sending process."""

BROKER_DEFAULT = -1
REQUEST_MS = 10_000
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class TopicReport:
    """The state of one topic after ``make_topics``."""

    name: str
    created: bool
    partitions: int


async def make_topics(
    bootstrap_servers: str, prefix: str, partitions: int = BROKER_DEFAULT, replication: int = BROKER_DEFAULT
) -> list[TopicReport]:
    """Create the missing topics and leave the others unchanged; raises ``SetupError``."""
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
    """Raises ``SetupError`` if a topic is missing or configured wrongly, ``KafkaError`` if Kafka cannot be reached."""
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
        # aiokafka accepts the broker's defaults only together with a replica assignment; an empty one means none.
        NewTopic(name, partitions, replication, {} if defaults else None, {TIMESTAMP_TYPE: LOG_APPEND_TIME})
        for name in names
    ]
    made: Any = await admin.create_topics(wanted)
    for name, code, reason in made.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            message = f"Kafka did not create the topic {name}: {reason or error.__name__}"
            raise SetupError(message)
    return {name for name, code, _ in made.topic_errors if code == 0}


async def _partition_counts(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, int]:
    async with asyncio.timeout(REQUEST_MS / 1000):
        while True:
            counts = {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics(names)}
            if all(counts.values()):
                return counts
            await asyncio.sleep(POLL_SECONDS)  # a new topic reaches all brokers after a moment


async def _check_timestamps(admin: AIOKafkaAdminClient, names: Collection[str]) -> None:
    answers: list[Any] = await admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name, {TIMESTAMP_TYPE: None}) for name in names]
    )
    resources = [resource for answer in answers for resource in answer.resources]
    wrong = [name for _, _, _, name, entries in resources if entries and entries[0][1] != LOG_APPEND_TIME]
    if wrong:
        message = (
            f"Kafka topic {', '.join(wrong)} needs {TIMESTAMP_TYPE}={LOG_APPEND_TIME}. Set it with kafka-configs.sh."
        )
        raise SetupError(message)
