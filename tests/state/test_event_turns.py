"""Turns of the pages' events."""

import asyncio
from datetime import timedelta

import pytest

from streaming_app.state.event_turns import EventTurns

INTERVAL = timedelta(milliseconds=10)


class Turns:
    """Turns on a clock that only ``sleep`` advances, and the order in which events passed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.passed: list[str] = []
        self._turns = EventTurns(INTERVAL, lambda: self.now, self._sleep)

    async def event(self, name: str, rank: int = 0) -> None:
        await self._turns.wait((rank,))
        self.passed.append(name)

    async def events(self, **ranks: int) -> None:
        await asyncio.gather(*(self.event(name, rank) for name, rank in ranks.items()))

    async def _sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def turns() -> Turns:
    return Turns()


async def test_an_event_that_comes_alone_does_not_wait(turns: Turns) -> None:
    await turns.event("a")
    turns.now += INTERVAL.total_seconds()
    await turns.event("a")

    assert turns.now == INTERVAL.total_seconds()


async def test_events_of_a_burst_pass_one_in_each_interval(turns: Turns) -> None:
    await turns.events(a=0, b=0, c=0, d=0, e=0)

    assert turns.now == pytest.approx(4 * INTERVAL.total_seconds())


async def test_the_event_with_the_smallest_rank_is_next(turns: Turns) -> None:
    await turns.events(first=9, c=3, a=1, b=2)

    assert turns.passed == ["first", "a", "b", "c"]


async def test_events_of_the_same_rank_keep_their_order(turns: Turns) -> None:
    await turns.events(first=1, a=1, b=1)

    assert turns.passed == ["first", "a", "b"]


async def test_an_event_whose_connection_ended_takes_no_turn(turns: Turns) -> None:
    first, left, other = (asyncio.create_task(turns.event(name)) for name in ("a", "b", "c"))
    await asyncio.sleep(0)

    left.cancel()
    await asyncio.gather(first, other)

    assert turns.passed == ["a", "c"]
