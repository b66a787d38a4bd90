"""How long chat and expired records are kept."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from streaming_app.backend import retention
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.retention import CLOCK_STEADY, Retention
from tests.contract.stores.samples import NOW, SESSION, TICKET, message

SECOND = timedelta(seconds=1)
CHAT_RETENTION = timedelta(days=30)


@dataclass
class Clock:
    """The wall clock, which can be set, and the monotonic one, which cannot."""

    wall: datetime = NOW
    seconds: float = 0

    def pass_time(self, period: timedelta) -> None:
        self.wall += period
        self.seconds += period.total_seconds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        yield store


def _retention(store: SqliteStore, clock: Clock, chat_retention: timedelta | None) -> Retention:
    return Retention(store.old_records, chat_retention, lambda: clock.wall, lambda: clock.seconds)


async def test_chat_is_deleted_when_it_is_older_than_its_retention(store: SqliteStore, clock: Clock) -> None:
    keeping = _retention(store, clock, CHAT_RETENTION)
    newer = message(2, sent_at=NOW + SECOND)
    await store.chat_archive.add([message(1, sent_at=NOW - SECOND), newer])

    clock.pass_time(CHAT_RETENTION)
    await keeping.run_once()

    assert await store.chat_archive.recent("c-ann", 10) == [newer]


async def test_more_chat_than_one_write_deletes_is_deleted(
    store: SqliteStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "CHUNK", 3)
    keeping = _retention(store, clock, CHAT_RETENTION)
    await store.chat_archive.add([message(number) for number in range(10)])

    clock.pass_time(2 * CHAT_RETENTION)
    await keeping.run_once()

    assert await store.chat_archive.recent("c-ann", 10) == []


async def test_chat_is_kept_for_ever_by_default(store: SqliteStore, clock: Clock) -> None:
    keeping = _retention(store, clock, None)
    await store.chat_archive.add([message(1)])

    clock.pass_time(timedelta(days=3_650))
    await keeping.run_once()

    assert await store.chat_archive.recent("c-ann", 10) == [message(1)]


async def test_expired_records_are_deleted_without_a_retention_of_chat(store: SqliteStore, clock: Clock) -> None:
    keeping = _retention(store, clock, None)
    await store.sessions.add(SESSION)
    await store.tickets.add(TICKET)

    clock.pass_time(timedelta(days=365))
    await keeping.run_once()

    assert await store.old_records.remove_expired(clock.wall, 10) == 0


async def test_nothing_is_deleted_for_an_hour_after_the_clock_was_set(store: SqliteStore, clock: Clock) -> None:
    keeping = _retention(store, clock, CHAT_RETENTION)
    await store.chat_archive.add([message(1)])
    clock.pass_time(CLOCK_STEADY)
    await keeping.run_once()

    clock.wall += 2 * CHAT_RETENTION
    await keeping.run_once()
    assert await store.chat_archive.recent("c-ann", 10) == [message(1)]

    clock.pass_time(CLOCK_STEADY)
    await keeping.run_once()
    assert await store.chat_archive.recent("c-ann", 10) == []
