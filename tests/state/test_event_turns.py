"""Turns of the pages' events."""

import asyncio
from datetime import timedelta

import pytest

from streaming_app.state.event_turns import MEMORY_SECONDS, EventTurns

INTERVAL = timedelta(milliseconds=10)


class Turns:
    """Turns on a clock that only ``sleep`` advances, and the order in which events passed."""

    def __init__(self) -> None:
        self.now = 0.0
        self.passed: list[str] = []
        self._turns = EventTurns(INTERVAL, lambda: self.now, self._sleep)

    async def event(self, address: str) -> None:
        await self._turns.wait(address)
        self.passed.append(address)

    async def events(self, *addresses: str) -> None:
        await asyncio.gather(*map(self.event, addresses))

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
    await turns.events(*["a"] * 5)

    assert turns.now == pytest.approx(4 * INTERVAL.total_seconds())


async def test_the_address_with_the_fewest_events_is_next(turns: Turns) -> None:
    await turns.events("flood", "flood", "flood", "user", "flood")

    assert turns.passed == ["flood", "user", "flood", "flood", "flood"]


async def test_the_newest_of_several_new_addresses_is_next(turns: Turns) -> None:
    await turns.events("first", "b", "c", "d")

    assert turns.passed == ["first", "d", "c", "b"]


async def test_events_count_in_the_next_period_too(turns: Turns) -> None:
    await turns.events(*["a"] * 2)
    turns.now += MEMORY_SECONDS
    turns.passed.clear()

    await turns.events("first", "b", "a")

    assert turns.passed == ["first", "b", "a"]


async def test_events_of_long_ago_do_not_count(turns: Turns) -> None:
    await turns.events(*["a"] * 5)
    turns.now += 2 * MEMORY_SECONDS
    turns.passed.clear()

    await turns.events("first", "a", "b")

    assert turns.passed == ["first", "b", "a"]


async def test_an_event_whose_connection_ended_takes_no_turn(turns: Turns) -> None:
    first, left, other = (asyncio.create_task(turns.event(address)) for address in ("a", "b", "c"))
    await asyncio.sleep(0)

    left.cancel()
    await asyncio.gather(first, other)

    assert turns.passed == ["a", "c"]
