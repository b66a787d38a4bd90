"""Pacing of the pages' events."""

import asyncio
from datetime import timedelta

import pytest

from streaming_app.state.event_pacing import EventPacer

INTERVAL = timedelta(milliseconds=10)


class PacedEvents:
    """Events on a clock that only ``sleep`` advances, and the order in which events passed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.passed: list[str] = []
        self._pacer = EventPacer(INTERVAL, lambda: self.now, self._sleep)

    async def event(self, name: str, rank: int = 0) -> None:
        await self._pacer.wait((rank,))
        self.passed.append(name)

    async def send(self, **ranks: int) -> None:
        await asyncio.gather(*(self.event(name, rank) for name, rank in ranks.items()))

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def events() -> PacedEvents:
    return PacedEvents()


async def test_an_event_that_comes_alone_does_not_wait(events: PacedEvents) -> None:
    await events.event("a")
    events.now += INTERVAL.total_seconds()
    await events.event("a")

    assert events.now == INTERVAL.total_seconds()


async def test_events_of_a_burst_pass_one_in_each_interval(events: PacedEvents) -> None:
    await events.send(a=0, b=0, c=0, d=0, e=0)

    assert events.now == pytest.approx(4 * INTERVAL.total_seconds())


async def test_the_event_with_the_smallest_rank_is_next(events: PacedEvents) -> None:
    await events.send(first=9, c=3, a=1, b=2)

    assert events.passed == ["first", "a", "b", "c"]


async def test_events_of_the_same_rank_keep_their_order(events: PacedEvents) -> None:
    await events.send(first=1, a=1, b=1)

    assert events.passed == ["first", "a", "b"]


async def test_an_event_whose_connection_ended_takes_no_turn(events: PacedEvents) -> None:
    first, left, other = (asyncio.create_task(events.event(name)) for name in ("a", "b", "c"))
    await asyncio.sleep(0)

    left.cancel()
    await asyncio.gather(first, other)

    assert events.passed == ["a", "c"]
