"""Creates the Kafka topics that the site needs, and checks them at start."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from streaming_app.backend.adapters.kafka.causes import cause_of
from streaming_app.backend.errors import SetupError
from streaming_app.backend.events import DEAD_LETTER_SUFFIX, TOPICS

log = logging.getLogger(__name__)

TIMESTAMP_TYPE = "message.timestamp.type"
LOG_APPEND_TIME = "LogAppendTime"
"""The broker sets the timestamps, so that an event's position does not depend on the clock of the sending process."""

DEFAULT_RETENTION = timedelta(days=7)
SEGMENTS = 7
"""Parts of the retention. Kafka deletes whole segments, so messages are kept at most one part longer."""

BROKER_DEFAULT = -1
REQUEST_MS = 10_000
POLL_SECONDS = 0.1
SET_FOR_THE_TOPIC = 1
"""Source of a setting of a topic that is not a default of the broker, in Kafka's protocol."""


@dataclass(frozen=True, slots=True)
class TopicReport:
    """The state of one topic after ``make_topics``."""

    name: str
    created: bool
    changed: bool
    """Whether it existed with another retention."""
    partitions: int


async def make_topics(
    bootstrap_servers: str,
    prefix: str,
    partitions: int = BROKER_DEFAULT,
    replication: int = BROKER_DEFAULT,
    retention: timedelta = DEFAULT_RETENTION,
) -> list[TopicReport]:
    """Create the missing topics, and change only the retention of the others; raises ``SetupError``."""
    names, kept = _names(prefix), _retention_settings(retention)
    try:
        async with _admin(bootstrap_servers) as admin:
            created = await _create(admin, names, partitions, replication, kept)
            counts = await _partition_counts(admin, names)
            settings = await _settings(admin, names)
            _check_timestamps(settings)
            changed = await _change(admin, settings, kept)
    except (KafkaError, TimeoutError) as error:
        message = (
            f"Kafka at {bootstrap_servers} does not answer ({cause_of(error)}). Is it running, and is"
            " KAFKA_BOOTSTRAP_SERVERS right?"
        )
        raise SetupError(message) from error
    return [TopicReport(name, name in created, name in changed, counts[name]) for name in names]


async def check_topics(bootstrap_servers: str, prefix: str, retention: timedelta) -> None:
    """Raises ``SetupError`` if a topic is missing or configured wrongly, ``KafkaError`` if Kafka cannot be reached.

    Only logs a warning if topics have another retention.
    """
    if others := await topics_with_other_retention(bootstrap_servers, prefix, retention):
        log.warning(
            "Kafka does not keep the messages of %s for KAFKA_RETENTION: run `python -m streaming_app.backend topics`",
            ", ".join(others),
        )


async def topics_with_other_retention(bootstrap_servers: str, prefix: str, retention: timedelta) -> list[str]:
    """Return the topics that have another retention. Raises like ``check_topics``."""
    names = _names(prefix)
    async with _admin(bootstrap_servers) as admin:
        missing = sorted(set(names) - set(await admin.list_topics()))
        if missing:
            message = f"Kafka has no topic {', '.join(missing)}: run `python -m streaming_app.backend topics` first."
            raise SetupError(message)
        settings = await _settings(admin, names)
    _check_timestamps(settings)
    kept = _retention_settings(retention)
    return sorted(name for name, values in settings.items() if not kept.items() <= values.items())


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


def _retention_settings(retention: timedelta) -> dict[str, str]:
    """Return the settings of a topic that keeps messages for this time. Each is set, whatever the broker's defaults."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(retention // timedelta(milliseconds=1)),
        "segment.ms": str(retention // SEGMENTS // timedelta(milliseconds=1)),
    }


async def _create(
    admin: AIOKafkaAdminClient, names: Collection[str], partitions: int, replication: int, kept: dict[str, str]
) -> set[str]:
    defaults = BROKER_DEFAULT in (partitions, replication)
    wanted = [
        # aiokafka accepts the broker's defaults only together with a replica assignment; an empty one means none.
        NewTopic(name, partitions, replication, {} if defaults else None, {TIMESTAMP_TYPE: LOG_APPEND_TIME, **kept})
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


async def _settings(admin: AIOKafkaAdminClient, names: Collection[str]) -> dict[str, dict[str, str]]:
    """Return the settings of each topic that are not defaults of the broker."""
    answers: list[Any] = await admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    )
    return {
        name: {key: value for key, value, _, source, *_ in entries if source == SET_FOR_THE_TOPIC}
        for answer in answers
        for _, _, _, name, entries in answer.resources
    }


def _check_timestamps(settings: dict[str, dict[str, str]]) -> None:
    wrong = [name for name, values in settings.items() if values.get(TIMESTAMP_TYPE) != LOG_APPEND_TIME]
    if wrong:
        message = (
            f"Kafka topic {', '.join(wrong)} needs {TIMESTAMP_TYPE}={LOG_APPEND_TIME}. Set it with kafka-configs.sh."
        )
        raise SetupError(message)


async def _change(admin: AIOKafkaAdminClient, settings: dict[str, dict[str, str]], wanted: dict[str, str]) -> set[str]:
    """Set the wanted settings of topics that have others, and return the names of these topics.

    The request replaces all settings of a topic, so it repeats those that stay.
    """
    changes = {name: {**values, **wanted} for name, values in settings.items() if not wanted.items() <= values.items()}
    if not changes:
        return set()
    answers: list[Any] = await admin.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name, values) for name, values in changes.items()]
    )
    for code, reason, _, name in (resource for answer in answers for resource in answer.resources):
        if code:
            message = f"Kafka did not change the topic {name}: {reason or for_code(code).__name__}"
            raise SetupError(message)
    return set(changes)
