"""States of tabs in memory: kept while the page is connected, and freed later."""

from datetime import timedelta

import pytest
from reflex.istate.manager.token import BaseStateToken
from reflex.state import State

from streaming_app.state.tab_states import MemoryTabStates, TabEvictionPolicy

ANONYMOUS, SIGNED_IN = timedelta(minutes=2), timedelta(minutes=30)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def forward(self, by: timedelta) -> None:
        self.now += by.total_seconds()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lifetimes(clock: Clock) -> TabEvictionPolicy:
    return TabEvictionPolicy(4, ANONYMOUS, SIGNED_IN, clock)


def test_the_state_of_a_connected_tab_is_never_freed(lifetimes: TabEvictionPolicy, clock: Clock) -> None:
    lifetimes.tabs_to_delete(["ann"], {"ann"}, ())
    clock.forward(timedelta(days=30))

    assert lifetimes.tabs_to_delete(["ann"], {"ann"}, ()) == []


def test_the_state_of_a_closed_tab_is_freed_after_two_minutes_or_later_if_signed_in(
    lifetimes: TabEvictionPolicy, clock: Clock
) -> None:
    assert lifetimes.tabs_to_delete(["anonymous", "ann"], (), {"ann"}) == []
    clock.forward(ANONYMOUS - timedelta(seconds=1))
    assert lifetimes.tabs_to_delete(["anonymous", "ann"], (), {"ann"}) == []

    clock.forward(timedelta(seconds=1))
    assert lifetimes.tabs_to_delete(["anonymous", "ann"], (), {"ann"}) == ["anonymous"]
    clock.forward(SIGNED_IN - ANONYMOUS)
    assert lifetimes.tabs_to_delete(["ann"], (), {"ann"}) == ["ann"]


def test_a_reconnected_tab_has_its_full_time_again(lifetimes: TabEvictionPolicy, clock: Clock) -> None:
    lifetimes.tabs_to_delete(["tab"], (), ())
    clock.forward(ANONYMOUS / 2)
    lifetimes.tabs_to_delete(["tab"], {"tab"}, ())
    lifetimes.tabs_to_delete(["tab"], (), ())

    clock.forward(ANONYMOUS / 2)

    assert lifetimes.tabs_to_delete(["tab"], (), ()) == []


def test_the_longest_disconnected_tabs_are_freed_above_the_limit(lifetimes: TabEvictionPolicy, clock: Clock) -> None:
    connected = {"a", "b", "c"}
    lifetimes.tabs_to_delete([*connected, "old"], connected, ())
    clock.forward(timedelta(seconds=1))
    assert lifetimes.tabs_to_delete([*connected, "new", "old"], connected, ()) == ["old"]

    assert lifetimes.tabs_to_delete([*connected, "d", "e", "new"], {*connected, "d", "e"}, ()) == ["new"]


async def test_a_freed_state_is_created_again_and_one_in_use_is_kept() -> None:
    states = MemoryTabStates()
    token = BaseStateToken(ident="tab", cls=State)
    async with states.modify_state(token) as state:
        states.delete("tab")
        assert states.states == {"tab": state}

    states.delete("tab")
    states.delete("nobody")

    assert states.states == {}
    async with states.modify_state(token) as anew:
        assert anew is not state
