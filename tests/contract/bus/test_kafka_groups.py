"""Consumer groups and dead letters, which only the Kafka bus has."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from streaming_app.backend.adapters.kafka import group_consumer, make_topics, open_bus
from streaming_app.backend.adapters.kafka.topics import SET_FOR_THE_TOPIC
from streaming_app.backend.bus import Delivery
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError, StoreUnavailableError
from streaming_app.backend.events import CHAT_TOPIC, DEAD_LETTER_SUFFIX, TOPICS
from tests.contract.bus.raw import all_records, put
from tests.rig.conditions import until_async
from tests.rig.event_recorder import EventRecorder, message_sent, texts_of
from tests.rig.kafka import Kafka

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
async def servers(kafka: Kafka, topic_prefix: str) -> str:
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=2, replication=1)
    return kafka.bootstrap_servers


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handle a failed batch again after a short pause, however often it has failed."""
    monkeypatch.setattr(group_consumer, "RETRY_SECONDS", (0.1,))


async def test_a_group_continues_after_its_last_handled_event(servers: str, topic_prefix: str) -> None:
    before, after = EventRecorder(), EventRecorder()

    async with open_bus(servers, topic_prefix) as bus:
        async with bus.subscribe([CHAT_TOPIC], before, group="archive"):
            await bus.publish(message_sent("one"))
            await before.until_received("one")
        await bus.publish(message_sent("two"))
    async with open_bus(servers, topic_prefix) as bus, bus.subscribe([CHAT_TOPIC], after, group="archive"):
        await bus.publish(message_sent("three"))
        await after.until_received("three")

    assert before.texts == ["one"]
    assert after.texts == ["two", "three"]


async def test_a_batch_that_was_not_handled_is_handled_by_the_next_member(servers: str, topic_prefix: str) -> None:
    broken, sound = EventRecorder(fails=1_000_000), EventRecorder()

    async with open_bus(servers, topic_prefix) as bus:
        async with bus.subscribe([CHAT_TOPIC], broken, group="archive"):
            await bus.publish(message_sent("hello"))
            await broken.until(lambda: bool(broken.failed))
        async with bus.subscribe([CHAT_TOPIC], sound, group="archive"):
            await sound.until_received("hello")

    assert sound.texts == ["hello"]


@pytest.mark.usefixtures("short_pauses")
async def test_an_event_that_always_fails_becomes_a_dead_letter_and_the_others_are_handled(
    servers: str, topic_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    handled = EventRecorder()

    async def fail_on_poison(batch: Sequence[Delivery]) -> None:
        if "poison" in texts_of(batch):
            raise ValueError("it cannot be stored")
        await handled(batch)

    async with open_bus(servers, topic_prefix) as bus:
        for text in ("before", "poison", "after"):
            await bus.publish(message_sent(text))
        async with bus.subscribe([CHAT_TOPIC], fail_on_poison, group="archive"):
            await handled.until_received("after")
    [letter] = await all_records(servers, topic_prefix + CHAT_TOPIC + DEAD_LETTER_SUFFIX, at_least=1)

    assert handled.texts == ["before", "after"]
    assert dict(letter.headers)["error"] == b"it cannot be stored"
    assert "archive cannot handle the event at" in caplog.text


@pytest.mark.usefixtures("short_pauses")
async def test_an_outage_of_any_length_makes_no_dead_letters(servers: str, topic_prefix: str) -> None:
    handled = EventRecorder()
    attempts = 0

    async def away(batch: Sequence[Delivery]) -> None:
        nonlocal attempts
        attempts += 1
        if attempts <= group_consumer.BATCH_ATTEMPTS + 2:
            raise StoreUnavailableError
        await handled(batch)

    async with open_bus(servers, topic_prefix) as bus, bus.subscribe([CHAT_TOPIC], away, group="archive"):
        await bus.publish(message_sent("hello"))
        await handled.until_received("hello")

    assert await all_records(servers, topic_prefix + CHAT_TOPIC + DEAD_LETTER_SUFFIX) == []


async def test_records_that_kafka_deleted_before_a_group_handled_them_are_reported(
    servers: str, topic_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    topic = topic_prefix + CHAT_TOPIC
    before, after = EventRecorder(), EventRecorder()
    async with open_bus(servers, topic_prefix) as bus:
        async with bus.subscribe([CHAT_TOPIC], before, group="archive"):
            await bus.publish(message_sent("one"))
            await before.until_received("one")
        for number in range(10):
            await bus.publish(message_sent(f"lost {number}"))
    [partition] = {record.partition for record in await all_records(servers, topic)}
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(before_offset=11)})
    await admin.close()

    async with open_bus(servers, topic_prefix) as bus, bus.subscribe([CHAT_TOPIC], after, group="archive"):
        await bus.publish(message_sent("two"))
        await after.until_received("two")

    assert after.texts == ["two"]
    assert f"archive missed 10 record(s) of {topic}:{partition}: Kafka deleted those from 1 to 10" in caplog.text


async def test_a_new_group_starts_at_the_oldest_event(servers: str, topic_prefix: str) -> None:
    analytics = EventRecorder()

    async with open_bus(servers, topic_prefix) as bus:
        await bus.publish(message_sent("one"))
        await bus.publish(message_sent("two"))
        async with bus.subscribe([CHAT_TOPIC], analytics, group="analytics"):
            await analytics.until_received("two")

    assert analytics.texts == ["one", "two"]


async def test_a_follower_can_ask_for_recent_events_first(servers: str, topic_prefix: str) -> None:
    from_now, from_before = EventRecorder(), EventRecorder()

    async with open_bus(servers, topic_prefix) as bus:
        await bus.publish(message_sent("before"))
        async with (
            bus.subscribe([CHAT_TOPIC], from_now),
            bus.subscribe([CHAT_TOPIC], from_before, back=timedelta(minutes=1)),
        ):
            await bus.publish(message_sent("after"))
            await asyncio.gather(from_now.until_received("after"), from_before.until_received("after"))

    assert from_now.texts == ["after"]
    assert from_before.texts == ["before", "after"]


async def test_an_invalid_record_becomes_a_dead_letter_and_the_next_one_is_handled(
    servers: str, topic_prefix: str
) -> None:
    archive, hub = EventRecorder(), EventRecorder()
    topic = topic_prefix + CHAT_TOPIC
    values = (b"\xff\x00 no json", b"{}", b'{"type": "FromTheFuture"}', b"", None)
    texts = [f"after {value!r}" for value in values]

    async with (
        open_bus(servers, topic_prefix) as bus,
        bus.subscribe([CHAT_TOPIC], archive, group="archive"),
        bus.subscribe([CHAT_TOPIC], hub),
    ):
        for value, text in zip(values, texts, strict=True):
            await put(servers, topic, value)
            await bus.publish(message_sent(text))
            await asyncio.gather(archive.until_received(text), hub.until_received(text))
    sources = (await all_records(servers, topic))[::2]  # all in one partition, because they have one key
    letters = await all_records(servers, topic + DEAD_LETTER_SUFFIX, at_least=len(values))

    assert archive.texts == hub.texts == texts
    for value, source, letter in zip(values, sources, letters, strict=True):
        assert (letter.key, letter.value) == (source.key, value)
        headers = {name: text.decode() for name, text in letter.headers}
        assert headers.pop("error")
        assert headers == {
            "source-topic": topic,
            "source-partition": str(source.partition),
            "source-offset": str(source.offset),
            "group": topic_prefix + "archive",
        }


async def test_the_error_of_a_dead_letter_does_not_quote_the_record(servers: str, topic_prefix: str) -> None:
    topic = topic_prefix + CHAT_TOPIC

    async with open_bus(servers, topic_prefix) as bus, bus.subscribe([CHAT_TOPIC], EventRecorder(), group="archive"):
        await put(servers, topic, b'{"type": "ChatMessageSent", "text": ["hunter2"], "hunter2": "hunter2"}')
        [dead] = await all_records(servers, topic + DEAD_LETTER_SUFFIX, at_least=1)

    assert not [text for _, text in dead.headers if b"hunter2" in text]


async def test_creating_existing_topics_changes_nothing_and_reports_it(kafka: Kafka, topic_prefix: str) -> None:
    first = await make_topics(kafka.bootstrap_servers, topic_prefix)
    again = await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=7, replication=1)

    assert all(report.created for report in first)
    assert not any(report.created for report in again)
    assert [(r.name, r.partitions) for r in again] == [(r.name, 3) for r in first]
    assert f"{topic_prefix}streaming.chat.v1.dead" in [report.name for report in first]


async def test_a_failure_to_create_topics_is_reported_in_one_line(kafka: Kafka, topic_prefix: str) -> None:
    with pytest.raises(SetupError, match=r"did not create the topic .*streaming.streams.v1: .*replication factor"):
        await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=1, replication=3)


async def test_missing_topics_are_reported_with_the_command_that_creates_them(kafka: Kafka, topic_prefix: str) -> None:
    with pytest.raises(
        SetupError, match=r"no topic .*streaming.chat.v1.* run `python -m streaming_app.backend topics`"
    ):
        async with open_bus(kafka.bootstrap_servers, topic_prefix):
            pass


async def test_a_topic_without_log_append_time_is_refused(kafka: Kafka, topic_prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(topic_prefix + CHAT_TOPIC, 1, 1)])
    await admin.close()

    with pytest.raises(SetupError, match=r"streaming.chat.v1 needs message.timestamp.type=LogAppendTime"):
        await make_topics(kafka.bootstrap_servers, topic_prefix)


async def test_topics_keep_messages_for_the_documented_time(kafka: Kafka, topic_prefix: str) -> None:
    await make_topics(kafka.bootstrap_servers, topic_prefix, retention=Settings().kafka_retention)

    for topic in TOPICS:
        for suffix in ("", DEAD_LETTER_SUFFIX):
            settings = await settings_of(kafka.bootstrap_servers, f"{topic_prefix}{topic}{suffix}")
            assert settings["cleanup.policy"] == "delete"
            assert int(settings["retention.ms"]) == timedelta(days=7) / MILLISECOND
            assert int(settings["segment.ms"]) == timedelta(days=1) / MILLISECOND


async def test_the_retention_of_existing_topics_is_changed_and_nothing_else(
    kafka: Kafka, topic_prefix: str, caplog: pytest.LogCaptureFixture
) -> None:
    topic = topic_prefix + CHAT_TOPIC
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    before = {"message.timestamp.type": "LogAppendTime", "max.message.bytes": "2000000", "retention.ms": "-1"}
    await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=before)])
    await admin.close()

    reports = await make_topics(kafka.bootstrap_servers, topic_prefix, retention=timedelta(days=14))

    assert [report.name for report in reports if report.changed] == [topic]
    kept = {"cleanup.policy": "delete", "retention.ms": "1209600000", "segment.ms": "172800000"}

    async def is_changed() -> bool:
        return await settings_of(kafka.bootstrap_servers, topic) == before | kept

    await until_async(is_changed, "the broker had the new settings")
    again = await make_topics(kafka.bootstrap_servers, topic_prefix, retention=timedelta(days=14))
    assert not any(report.changed for report in again)
    async with open_bus(kafka.bootstrap_servers, topic_prefix):
        assert "run `python -m streaming_app.backend topics`" in caplog.text


async def test_kafka_deletes_messages_after_the_retention(kafka: Kafka, topic_prefix: str) -> None:
    kept = timedelta(seconds=2)
    await make_topics(kafka.bootstrap_servers, topic_prefix, partitions=1, replication=1, retention=kept)
    async with open_bus(kafka.bootstrap_servers, topic_prefix, kept) as bus:
        await bus.publish(message_sent("my secret"))
        number = 0

        async def is_deleted() -> bool:
            nonlocal number
            number += 1
            await bus.publish(message_sent(f"later {number}"))  # only messages in the same topic close a segment
            records = await all_records(kafka.bootstrap_servers, topic_prefix + CHAT_TOPIC)
            return not [record for record in records if b"my secret" in record.value]

        await until_async(is_deleted, "Kafka deleted the message")


async def settings_of(bootstrap_servers: str, topic: str) -> dict[str, str]:
    """Return what is set for a topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    await admin.start()
    answers: list[Any] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    await admin.close()
    [(_, _, _, _, entries)] = answers[0].resources
    return {name: value for name, value, _, source, *_ in entries if source == SET_FOR_THE_TOPIC}
