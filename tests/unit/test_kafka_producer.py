"""Time limits of the producer for Kafka, with a session whose connection the test controls."""

import asyncio

import pytest

from streaming_app.backend.adapters.kafka import producer as kafka_producer
from streaming_app.backend.adapters.kafka.producer import open_producer
from streaming_app.backend.adapters.kafka.producer_session import ProducerSession, Record
from streaming_app.backend.errors import BusUnavailableError
from tests.rig.conditions import DEADLINE_SECONDS, until

NO_BROKER = "127.0.0.1:9"
RECORD = Record("chat", b"channel", b"hello")


class ScriptedSession(ProducerSession):
    """A session that connects when ``is_reachable`` is set, and acknowledges each record immediately."""

    is_reachable: asyncio.Event
    started: list[ProducerSession]
    sent: list[Record]

    async def start(self) -> None:
        self.started.append(self)
        await self.is_reachable.wait()

    async def send(self, record: Record) -> None:
        self.sent.append(record)


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> type[ScriptedSession]:
    monkeypatch.setattr(kafka_producer, "ProducerSession", ScriptedSession)
    monkeypatch.setattr(ScriptedSession, "is_reachable", asyncio.Event(), raising=False)
    monkeypatch.setattr(ScriptedSession, "started", [], raising=False)
    monkeypatch.setattr(ScriptedSession, "sent", [], raising=False)
    return ScriptedSession


async def test_the_wait_for_a_connection_does_not_shorten_the_wait_for_the_acknowledgement(
    session: type[ScriptedSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_producer, "CONNECT_SECONDS", DEADLINE_SECONDS)
    monkeypatch.setattr(kafka_producer, "ACKNOWLEDGE_SECONDS", limit := 0.05)
    clock = asyncio.get_running_loop().time
    async with open_producer(NO_BROKER) as producer:
        sending = asyncio.create_task(producer.send(RECORD))
        began = clock()
        await until(lambda: clock() > began + 2 * limit, "the record had waited for longer than the second limit")
        session.is_reachable.set()
        await sending
        await producer.send(RECORD)

    assert session.sent == [RECORD, RECORD]
    assert len(session.started) == 1


async def test_a_record_without_a_connection_is_refused_and_never_sent(
    session: type[ScriptedSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_producer, "CONNECT_SECONDS", 0.0)
    async with open_producer(NO_BROKER) as producer:
        with pytest.raises(BusUnavailableError):
            await producer.send(RECORD)
        with pytest.raises(BusUnavailableError):
            await producer.check()
        monkeypatch.setattr(kafka_producer, "CONNECT_SECONDS", DEADLINE_SECONDS)
        session.is_reachable.set()
        await producer.send(other := Record("chat", b"channel", b"again"))

    assert session.sent == [other]
