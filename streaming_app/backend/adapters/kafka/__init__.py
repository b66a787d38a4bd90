"""The bus between processes: Apache Kafka. The only importer of aiokafka."""

from streaming_app.backend.adapters.kafka.bus import KafkaBus, open_bus
from streaming_app.backend.adapters.kafka.topics import TopicReport, make_topics

__all__ = ["KafkaBus", "TopicReport", "make_topics", "open_bus"]
