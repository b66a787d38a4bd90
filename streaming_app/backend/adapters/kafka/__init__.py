"""The bus between processes: Apache Kafka. The only importer of aiokafka."""

from aiokafka.errors import KafkaError as KafkaUnreachableError

from streaming_app.backend.adapters.kafka.bus import KafkaBus, open_bus
from streaming_app.backend.adapters.kafka.records import StoredEvent
from streaming_app.backend.adapters.kafka.topics import (
    BROKER_DEFAULT,
    DEFAULT_RETENTION,
    TopicReport,
    make_topics,
    topics_with_other_retention,
)

__all__ = [
    "BROKER_DEFAULT",
    "DEFAULT_RETENTION",
    "KafkaBus",
    "KafkaUnreachableError",
    "StoredEvent",
    "TopicReport",
    "make_topics",
    "open_bus",
    "topics_with_other_retention",
]
