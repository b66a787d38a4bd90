"""States of tabs in memory: kept while the page is connected, and freed later."""

from collections.abc import Iterator
from datetime import timedelta
from typing import cast

import pytest
from reflex.istate.manager.token import BaseStateToken
from reflex.state import BaseState, State

from streaming_app.state.admin_users import AdminUsers
from streaming_app.state.home import HomeState
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


async def test_an_idle_tab_keeps_only_what_events_have_changed() -> None:
    states = MemoryTabStates()
    token = BaseStateToken(ident="tab", cls=State)
    async with states.modify_state(token) as state:
        (await state.get_state(AdminUsers)).text = "ann"
        cast("list[str]", (await state.get_state(HomeState)).streams).append("a channel")
    complete = set(kinds_in(state))

    await states.shrink()
    assert set(kinds_in(state)) == complete, "a tab that was just used is still complete"
    await states.shrink()

    assert set(kinds_in(state)) == {"State", "SessionState", "AdminState", "AdminUsers", "HomeState"}
    async with states.modify_state(token) as again:
        assert again is state
        assert set(kinds_in(again)) == complete
        assert (await again.get_state(AdminUsers)).text == "ann"
        assert list((await again.get_state(HomeState)).streams) == ["a channel"]


async def test_a_tab_is_shrunk_after_a_long_use_but_not_before() -> None:
    states = MemoryTabStates()
    async with states.modify_state(BaseStateToken(ident="tab", cls=State)) as state:
        complete = list(kinds_in(state))
        for _ in range(3):
            await states.shrink()
        assert list(kinds_in(state)) == complete

    await states.shrink()
    await states.shrink()
    assert list(kinds_in(state)) == ["State"]


async def test_a_tab_that_is_freed_before_it_is_shrunk_is_no_problem() -> None:
    states = MemoryTabStates()
    async with states.modify_state(BaseStateToken(ident="tab", cls=State)):
        pass
    await states.shrink()
    states.delete("tab")

    await states.shrink()

    assert states.states == {}


def kinds_in(state: BaseState) -> Iterator[str]:
    yield type(state).__name__
    for each in state.substates.values():
        yield from kinds_in(each)
