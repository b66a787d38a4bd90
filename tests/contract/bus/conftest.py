"""The buses under test: the local bus of one process, and Kafka on a real broker."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from streaming_app.backend.adapters.kafka import KafkaBus, make_topics, open_bus
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.bus import Bus
from tests.rig.kafka import Kafka


@pytest.fixture(params=["local", "kafka"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    if request.param == "local":
        yield LocalBus(lambda: datetime.now(UTC))
        return
    kafka: Kafka = request.getfixturevalue("kafka")
    prefix: str = request.getfixturevalue("topic_prefix")
    await make_topics(kafka.bootstrap_servers, prefix, partitions=2, replication=1)
    async with open_bus(kafka.bootstrap_servers, prefix) as bus:
        yield bus


@pytest.fixture
async def broker(own_kafka: Kafka) -> Kafka:
    """A broker with the site's topics, which tests may stop and kill."""
    await make_topics(own_kafka.bootstrap_servers, "", partitions=2, replication=1)
    return own_kafka


@pytest.fixture
async def kafka_bus(broker: Kafka) -> AsyncIterator[KafkaBus]:
    async with open_bus(broker.bootstrap_servers) as bus:
        yield bus
