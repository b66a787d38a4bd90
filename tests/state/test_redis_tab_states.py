"""States of tabs in Redis: kept while the page is connected, and expired later."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken
from reflex.state import State

from streaming_app import streaming_app as site
from streaming_app.state.session import SessionState
from streaming_app.state.tab_sessions import TabSessions
from streaming_app.state.tab_states import RedisTabStates
from tests.rig.conditions import until_async
from tests.rig.redis import Redis as Server

ANONYMOUS, SIGNED_IN = timedelta(minutes=2), timedelta(minutes=30)
EXTENDED_SECONDS = 30
"""Added to both lifetimes, so that states are extended before they expire."""


@pytest.fixture
async def manager(own_redis: Server) -> AsyncIterator[StateManagerRedis]:
    """Reflex's state manager with its lifetime of two hours."""
    manager = StateManagerRedis(redis=Redis.from_url(own_redis.url), token_expiration=2 * 3600)
    yield manager
    await manager.close()


async def open_page(manager: StateManagerRedis, tab: str) -> None:
    async with manager.modify_state(BaseStateToken(ident=tab, cls=State)) as state:
        (await state.get_state(SessionState)).username = "ann"


async def lifetimes(manager: StateManagerRedis, tab: str) -> set[int]:
    """Return the remaining seconds of each state of ``tab`` in Redis."""
    return {await manager.redis.ttl(key) async for key in manager.redis.scan_iter(f"{tab}_*")}


async def test_a_written_state_expires_after_two_minutes(manager: StateManagerRedis) -> None:
    RedisTabStates(manager, ANONYMOUS, SIGNED_IN)

    await open_page(manager, "tab")

    seconds = await lifetimes(manager, "tab")
    assert seconds
    assert max(seconds) <= ANONYMOUS.total_seconds() + EXTENDED_SECONDS


async def test_states_of_connected_tabs_are_extended_and_longer_if_signed_in(
    manager: StateManagerRedis,
) -> None:
    states = RedisTabStates(manager, ANONYMOUS, SIGNED_IN)
    tabs = [f"tab{number:02}" for number in range(60)]
    for tab in (*tabs, "left"):
        await open_page(manager, tab)
        for key in [key async for key in manager.redis.scan_iter(f"{tab}_*")]:
            await manager.redis.expire(key, 20)

    await states.extend(tabs, {"tab07", "left"})

    for tab in tabs:
        lifetime = SIGNED_IN if tab == "tab07" else ANONYMOUS
        assert min(await lifetimes(manager, tab)) > lifetime.total_seconds()
    assert max(await lifetimes(manager, "left")) <= 20


async def test_states_of_closed_pages_expire_and_those_of_open_pages_stay(manager: StateManagerRedis) -> None:
    tabs, sockets = TabSessions(site.app), site.app.event_namespace
    assert sockets is not None
    await sockets.link_token_to_sid("sid1", "open")
    await sockets.link_token_to_sid("sid2", "left")
    states = RedisTabStates(manager, timedelta(seconds=1), SIGNED_IN)

    async with tabs.extend_connected_tabs(states):
        await open_page(manager, "open")
        await open_page(manager, "left")
        sockets.on_disconnect("sid2")

        async def has_expired() -> bool:
            return not await lifetimes(manager, "left")

        await until_async(has_expired, "the states of the page that left expired")
        assert await lifetimes(manager, "open")
