"""Stores the states of tabs, in memory or in Redis, and decides when they are deleted."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil
from time import monotonic
from typing import cast

from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import TOKEN_TYPE, BaseStateToken, StateToken
from reflex.state import BaseState, State

_EXTEND = "for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[1]) end"
_SHRINK_AT_ONCE = 20
"""Number of tabs that are handled before other tasks get a turn: less than two milliseconds."""
_EXTEND_AT_ONCE = 25
"""Number of tabs in one call of the script. It is limited because Redis handles no other command during a call."""


@dataclass
class MemoryTabStates(StateManagerMemory):
    """Reflex's memory state manager, changed in two ways.

    Only ``delete`` deletes states; Reflex deletes a state some time after its last event, even if the page is open. And
    ``shrink`` removes the substates that no event has changed (decision 73). They are created again for the next event,
    as they are when states are in Redis.
    """

    _used: set[str] = field(default_factory=set)
    """Tabs that were used since the last ``shrink``."""
    _used_before: set[str] = field(default_factory=set)
    """Tabs that were used between the last two."""

    def _get_or_create_state(self, token: StateToken[TOKEN_TYPE]) -> TOKEN_TYPE:
        state = super()._get_or_create_state(token)
        if isinstance(state, BaseState):
            _add_missing_substates(state)
        return state

    async def shrink(self) -> None:
        """Remove the unchanged substates of the tabs that have not been used since the last call."""
        idle = self._used_before - self._used
        self._used_before, self._used = self._used, set()
        for number, tab in enumerate(idle):
            if tab in self.states and not self._is_locked(tab):
                _remove_unchanged_substates(self.states[tab])
            if number % _SHRINK_AT_ONCE == 0:
                await asyncio.sleep(0)

    def delete(self, tab: str) -> None:
        """Delete the state of ``tab``, unless an event is using it."""
        if not self._is_locked(tab):
            self._purge_token(BaseStateToken(ident=tab, cls=State))

    def _is_locked(self, tab: str) -> bool:
        lock = self._states_locks.get(BaseStateToken(ident=tab, cls=State).lock_key)
        return lock is not None and lock.locked()

    def _track_token(self, token: StateToken[object]) -> None:
        """Reflex calls this at the begin and at the end of each use."""
        if isinstance(token, BaseStateToken):
            self._used.add(token.cache_key)

    def _ensure_expiration_task(self) -> None:
        pass


class TabEvictionPolicy:
    """Selects the states to delete: those closed for long enough, and above ``most`` those that were closed first."""

    def __init__(
        self, most: int, anonymous: timedelta, signed_in: timedelta, clock: Callable[[], float] = monotonic
    ) -> None:
        self._most = most
        self._anonymous_seconds = anonymous.total_seconds()
        self._signed_in_seconds = signed_in.total_seconds()
        self._clock = clock
        self._left_at: dict[str, float] = {}

    def tabs_to_delete(self, tabs: Iterable[str], connected: Collection[str], signed_in: Collection[str]) -> list[str]:
        """Return the tabs whose state should be deleted, of all ``tabs`` that have one. None of them is connected."""
        now = self._clock()
        known = list(tabs)
        left = {tab: self._left_at.get(tab, now) for tab in known if tab not in connected}
        self._left_at = dict(sorted(left.items(), key=lambda item: item[1]))
        kept: list[str] = []
        due: list[str] = []
        for tab, left_at in self._left_at.items():
            lifetime = self._signed_in_seconds if tab in signed_in else self._anonymous_seconds
            (due if now - left_at >= lifetime else kept).append(tab)
        return due + kept[: max(0, len(known) - len(due) - self._most)]


class RedisTabStates:
    """The states of tabs in Redis, which expire unless they are extended.

    Every write extends a state by the ``anonymous`` lifetime. The process that a tab is connected to extends its states
    in time, for longer if a user is signed in. So the states of closed tabs expire, even if the process was killed.
    """

    def __init__(self, manager: StateManagerRedis, anonymous: timedelta, signed_in: timedelta) -> None:
        self.interval = anonymous / 4
        """Interval at which ``extend`` must be called."""
        self._redis = manager.redis
        self._anonymous_seconds = ceil((anonymous + self.interval).total_seconds())
        self._signed_in_seconds = ceil((signed_in + self.interval).total_seconds())
        self._kinds = [State, *_substates(State)]
        manager.token_expiration = self._anonymous_seconds

    async def extend(self, connected: Collection[str], signed_in: Collection[str]) -> None:
        """Extend the states of all ``connected`` tabs, for longer if they are among the ``signed_in``."""
        await self._expire([tab for tab in connected if tab not in signed_in], self._anonymous_seconds)
        await self._expire([tab for tab in connected if tab in signed_in], self._signed_in_seconds)

    async def _expire(self, tabs: list[str], seconds: int) -> None:
        for start in range(0, len(tabs), _EXTEND_AT_ONCE):
            tokens = [BaseStateToken(ident=tab, cls=State) for tab in tabs[start : start + _EXTEND_AT_ONCE]]
            keys = [str(token.with_cls(kind)) for token in tokens for kind in self._kinds]
            await cast("Awaitable[object]", self._redis.eval(_EXTEND, len(keys), *keys, seconds))


def _remove_unchanged_substates(state: BaseState) -> bool:
    """Remove all substates below ``state`` that have their default values. Return whether ``state`` must be kept."""
    for name in [name for name, each in state.substates.items() if not _remove_unchanged_substates(each)]:
        del state.substates[name]
    return state._was_touched or bool(state.substates)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - as Reflex itself decides what it stores in Redis


def _add_missing_substates(state: BaseState) -> None:
    for kind in state.get_substates():
        existing = state.substates.get(kind.get_name())
        if existing is None:
            state.substates[kind.get_name()] = kind(parent_state=state, _reflex_internal_init=True)
        else:
            _add_missing_substates(existing)


def _substates(kind: type[BaseState]) -> list[type[BaseState]]:
    return [state for child in kind.get_substates() for state in (child, *_substates(child))]
