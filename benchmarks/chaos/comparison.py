"""Compares what the site has acknowledged with what it kept and delivered."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx
from aiokafka import AIOKafkaConsumer

from benchmarks.chaos.population import Channel
from benchmarks.chaos.requests import answer_to
from streaming_app.backend.events import CHAT_TOPIC, ChatMessageSent, decode

PAGE = 100
KAFKA_MS = 10_000


@dataclass(frozen=True, slots=True)
class Copies:
    """All copies of the messages of one channel."""

    acknowledged: Collection[str]
    """Ids of the messages that the site has acknowledged to their writers."""
    history: Sequence[tuple[str, str]]
    """Id and text of each message in the chat history."""
    delivered: Collection[str]
    """Ids of the messages that any reader received."""
    in_kafka: Collection[str]
    deleted: Collection[str] = field(default_factory=frozenset[str])
    """Ids of the messages that moderators have deleted."""

    def differences(self) -> dict[str, int]:
        """Return the number of messages for each way in which the copies are wrong."""
        ids = {message_id for message_id, _ in self.history}
        expected = set(self.acknowledged) - set(self.deleted)
        return {
            "lost in history": len(expected - ids),
            "lost in feed": len(expected - set(self.delivered)),
            "lost in Kafka": len(set(self.acknowledged) - set(self.in_kafka)),
            "doubled in history": len(self.history) - len({text for _, text in self.history}),
            "deleted but in history": len(ids & set(self.deleted)),
        }


async def history_of(client: httpx.AsyncClient, channel: Channel) -> list[tuple[str, str]]:
    """Return id and text of all messages in the channel's history, as the public API has them."""
    found: list[tuple[str, str]] = []
    cursor = ""
    while True:
        path = f"{channel.messages_path}?limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
        answer = await answer_to(client, "GET", path)
        assert answer.status_code == HTTPStatus.OK, answer.text
        page = answer.json()
        found += [(message["id"], message["text"]) for message in page["items"]]
        cursor = page["next"]
        if not cursor:
            return found


async def kafka_log(bootstrap_servers: str) -> dict[str, Counter[str]]:
    """Return how often Kafka has each message, by channel and id."""
    found: dict[str, Counter[str]] = {}
    consumer = AIOKafkaConsumer(CHAT_TOPIC, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=KAFKA_MS)).values():
                for record in records:
                    assert record.value is not None
                    event = decode(record.value)
                    if isinstance(event, ChatMessageSent):
                        found.setdefault(event.channel_id, Counter())[event.event_id] += 1
    finally:
        await consumer.stop()
    return found
