"""The bus between processes: Apache Kafka. The only importer of aiokafka."""

from streaming_app.backend.adapters.kafka.bus import KafkaBus, open_bus
from streaming_app.backend.adapters.kafka.topics import BROKER_DEFAULT, DEFAULT_RETENTION, TopicReport, make_topics

__all__ = ["BROKER_DEFAULT", "DEFAULT_RETENTION", "KafkaBus", "TopicReport", "make_topics", "open_bus"]
