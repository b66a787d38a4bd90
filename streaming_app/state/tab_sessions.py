"""Keeps the signed-in user of every open tab up to date, and manages the lifetimes of tab states."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import reflex as rx
from reflex.middleware.middleware import Middleware
from reflex.state import BaseState, StateUpdate

from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.bus import Bus, Delivery
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import StoreUnavailableError
from streaming_app.backend.events import ACCOUNTS_TOPIC, SessionRevoked
from streaming_app.backend.failure_logging import log_failure
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.request_ids import bind_request_id
from streaming_app.state.event_request_ids import event_request_id
from streaming_app.state.session import SessionState, refresh_user
from streaming_app.state.tab_states import MemoryTabStates, RedisTabStates, TabEvictionPolicy

log = logging.getLogger(__name__)

_SNAPSHOTS = (".hydrate", ".hydrate_and_load")
"""Events that send a tab's whole state, after each new connection of its websocket."""

WATCH_INTERVAL = timedelta(seconds=1)
EVICTION_INTERVAL = timedelta(seconds=5)
SHRINK_INTERVAL = timedelta(seconds=1)
_SWEEP_ABOVE = 1000
"""Number of tabs above which closed tabs are removed from the table."""


class TabSessions(Middleware):
    """Reflex middleware that tracks the signed-in users of this process's tabs."""

    def __init__(self, app: rx.App) -> None:
        self._app = app
        self._user_of: dict[str, str] = {}
        self._generation_of: dict[str, int] = {}
        """The session generation of each user, as the tabs know it."""
        self._revocations = 0
        """Number of batches of revoked sessions so far."""

    async def preprocess(
        self,
        app: rx.App,  # noqa: ARG002 - Reflex's signature
        state: BaseState,
        event: rx.event.Event,
    ) -> StateUpdate | None:
        """Verify the session before a snapshot, and before the first event of a new state.

        Before that, give the event its request id. Reflex runs each event in a task of its own.
        """
        bind_request_id(event_request_id())
        session = await state.get_state(SessionState)
        if event.name.endswith(_SNAPSHOTS) or not session.is_known:
            self._set_user(session.router.session.client_token, await self._verify(session))
        return None

    @asynccontextmanager
    async def clear_on_sign_out(self, bus: Bus) -> AsyncGenerator[None]:
        """Clear the tabs of a revoked session immediately, while the context is open."""
        async with bus.subscribe((ACCOUNTS_TOPIC,), self._handle):
            yield

    @asynccontextmanager
    async def watch_sessions(self, users: Users) -> AsyncGenerator[None]:
        """Clear the tabs of users whose sessions all ended in a process that cannot announce it, while it is open.

        A command in a shell, such as ``admin ban``, has a local bus of its own. It increases the user's session
        generation in the store, which this process compares every second for the users of its tabs.
        """

        async def compare() -> None:
            known = {user_id: self._generation_of.get(user_id, 0) for user_id in set(self._user_of.values())}
            self._generation_of = known
            if known:
                with suppress(StoreUnavailableError):  # the store has logged the outage
                    stored = await users.session_generations(known)
                    await self._clear_tabs_of({user_id for user_id in known if stored.get(user_id) != known[user_id]})

        async with in_background(run_periodically("Comparing sessions with the store", WATCH_INTERVAL, compare)):
            yield

    @asynccontextmanager
    async def evict_closed_tabs(self, states: MemoryTabStates, settings: Settings) -> AsyncGenerator[None]:
        """Delete the states of closed tabs, and what is not needed of open ones, while the context is open."""
        lifetimes = TabEvictionPolicy(settings.tabs_max, settings.tab_lifetime, settings.signed_in_tab_lifetime)

        async def free() -> None:
            for tab in lifetimes.tabs_to_delete(states.states, self._connected(), self._user_of):
                states.delete(tab)
                self._user_of.pop(tab, None)

        interval = min(EVICTION_INTERVAL, settings.tab_lifetime)
        async with (
            in_background(run_periodically("Freeing the states of closed pages", interval, free)),
            in_background(run_periodically("Freeing unchanged states of open pages", SHRINK_INTERVAL, states.shrink)),
        ):
            yield

    @asynccontextmanager
    async def extend_connected_tabs(self, states: RedisTabStates) -> AsyncGenerator[None]:
        """Prevent the states of connected tabs from expiring, while the context is open."""

        async def extend() -> None:
            await states.extend(self._connected(), self._user_of)

        async with in_background(
            run_periodically("Extending the states of open pages in Redis", states.interval, extend)
        ):
            yield

    @property
    def open_count(self) -> int:
        """Number of pages that are connected to this process."""
        return len(self._connected())

    def is_open(self, tab: str) -> bool:
        """Whether the page of ``tab`` is connected to this process."""
        return tab in self._connected()

    async def _handle(self, batch: Sequence[Delivery]) -> None:
        await self._clear_tabs_of(
            {delivery.event.user_id for delivery in batch if isinstance(delivery.event, SessionRevoked)}
        )

    async def _clear_tabs_of(self, users: Collection[str]) -> None:
        self._revocations += bool(users)
        tabs = [tab for tab, user_id in self._user_of.items() if user_id in users]
        failures = await asyncio.gather(*map(self._refresh, tabs), return_exceptions=True)
        for tab, failure in zip(tabs, failures, strict=True):
            if failure:
                log_failure(log, failure, "Tab %s could not be emptied", tab)

    async def _refresh(self, tab: str) -> None:
        if tab not in self._connected():
            self._user_of.pop(tab, None)
            return
        async with self._app.modify_state(rx.BaseStateToken(ident=tab, cls=SessionState)) as root:
            self._set_user(tab, await self._verify(await root.get_state(SessionState)))

    async def _verify(self, session: SessionState) -> str:
        """Return the user's id; empty if the session is revoked, even during the check."""
        while True:
            heard = self._revocations
            user = await refresh_user(session)
            if heard == self._revocations:
                if user:
                    self._generation_of[user.user_id] = user.session_generation
                return user.user_id if user else ""

    def _set_user(self, tab: str, user_id: str) -> None:
        if not user_id:
            self._user_of.pop(tab, None)
            return
        self._user_of[tab] = user_id
        if len(self._user_of) > _SWEEP_ABOVE + 2 * len(self._connected()):
            self._user_of = {tab: user for tab, user in self._user_of.items() if tab in self._connected()}

    def _connected(self) -> set[str]:
        """Return the tabs that are connected to this process."""
        if (namespace := self._app.event_namespace) is None:
            return set()
        tokens = namespace._token_manager  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - knows other processes' too
        return {tab for tab, socket in tokens.token_to_socket.items() if socket.instance_id == tokens.instance_id}
