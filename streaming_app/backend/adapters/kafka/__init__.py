"""The bus between processes: Apache Kafka. The only importer of aiokafka."""

from streaming_app.backend.adapters.kafka.bus import KafkaBus, open_bus
from streaming_app.backend.adapters.kafka.topics import BROKER_DEFAULT, TopicReport, make_topics

__all__ = ["BROKER_DEFAULT", "KafkaBus", "TopicReport", "make_topics", "open_bus"]
