"""Archives the classes that Kafka loads, as Kafka's official image does: ``python -m tests.rig.kafka_classes``.

The JVM does not use an archive that another version of the JVM, or other jars, have made.
"""

import asyncio
import tempfile
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.rig.kafka import CLASSES, Kafka

TOPIC = "words"


def main() -> None:
    """Run a broker, use it, and stop it, whereupon the JVM writes the archive."""
    written = CLASSES.with_suffix(".new")
    with tempfile.TemporaryDirectory(prefix="kafka-classes-") as folder:
        broker = Kafka(Path(folder) / "kafka")
        broker.start()
        asyncio.run(_use(broker.bootstrap_servers, is_new=True))
        broker.kill()  # the next start also loads the classes that recover the log
        broker.start(f"-XX:ArchiveClassesAtExit={written}")
        try:
            asyncio.run(_use(broker.bootstrap_servers, is_new=False))
        finally:
            broker.stop()
    written.replace(CLASSES)


async def _use(servers: str, *, is_new: bool) -> None:
    """Write a record, and read it as a group."""
    if is_new:
        admin = AIOKafkaAdminClient(bootstrap_servers=servers)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
        finally:
            await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(TOPIC, b"hello")
    async with AIOKafkaConsumer(
        TOPIC, bootstrap_servers=servers, group_id="readers", enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        await consumer.getone()
        await consumer.commit()


if __name__ == "__main__":
    main()
