"""The states of tabs, in memory or in Redis: when they are freed."""

from collections.abc import Awaitable, Callable, Collection, Iterable
from datetime import timedelta
from math import ceil
from time import monotonic
from typing import cast

from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.redis import StateManagerRedis
from reflex.istate.manager.token import BaseStateToken, StateToken
from reflex.state import BaseState, State

_EXTEND = "for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[1]) end"
_EXTEND_AT_ONCE = 25
"""Tabs in one call of the script: Redis does nothing else meanwhile."""


class TabStates(StateManagerMemory):
    """Reflex's memory of states, which are freed by ``free`` alone.

    Reflex itself frees a state after some time without an event, of a page that is open, too.
    """

    def free(self, tab: str) -> None:
        """Forget the state of ``tab``, unless an event has it in hand."""
        token = BaseStateToken(ident=tab, cls=State)
        lock = self._states_locks.get(token.lock_key)
        if lock is None or not lock.locked():
            self._purge_token(token)

    def _track_token(self, token: StateToken[object]) -> None:
        pass

    def _ensure_expiration_task(self) -> None:
        pass


class TabLifetimes:
    """Which states are due to be freed: of tabs that left long enough ago, and above ``most`` those that left first."""

    def __init__(
        self, most: int, anonymous: timedelta, signed_in: timedelta, clock: Callable[[], float] = monotonic
    ) -> None:
        self._most = most
        self._anonymous_seconds = anonymous.total_seconds()
        self._signed_in_seconds = signed_in.total_seconds()
        self._clock = clock
        self._left_at: dict[str, float] = {}

    def due(self, tabs: Iterable[str], connected: Collection[str], signed_in: Collection[str]) -> list[str]:
        """The tabs to free, of all ``tabs`` that have a state: never one that is connected."""
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
    """States of tabs in Redis, which expire unless they are extended.

    Every write lets a state live for the ``anonymous`` lifetime. The process that a tab is connected to extends its
    states in time, for longer when somebody is signed in. So the states of a tab that left expire, also when the
    process was killed.
    """

    def __init__(self, manager: StateManagerRedis, anonymous: timedelta, signed_in: timedelta) -> None:
        self.interval = anonymous / 4
        """How often ``extend`` must be called."""
        self._redis = manager.redis
        self._anonymous_seconds = ceil((anonymous + self.interval).total_seconds())
        self._signed_in_seconds = ceil((signed_in + self.interval).total_seconds())
        self._kinds = [State, *_substates(State)]
        manager.token_expiration = self._anonymous_seconds

    async def extend(self, connected: Collection[str], signed_in: Collection[str]) -> None:
        """Let the states of all ``connected`` tabs live on, longer for those that are among the ``signed_in``."""
        await self._expire([tab for tab in connected if tab not in signed_in], self._anonymous_seconds)
        await self._expire([tab for tab in connected if tab in signed_in], self._signed_in_seconds)

    async def _expire(self, tabs: list[str], seconds: int) -> None:
        for start in range(0, len(tabs), _EXTEND_AT_ONCE):
            tokens = [BaseStateToken(ident=tab, cls=State) for tab in tabs[start : start + _EXTEND_AT_ONCE]]
            keys = [str(token.with_cls(kind)) for token in tokens for kind in self._kinds]
            await cast("Awaitable[object]", self._redis.eval(_EXTEND, len(keys), *keys, seconds))


def _substates(kind: type[BaseState]) -> list[type[BaseState]]:
    return [state for child in kind.get_substates() for state in (child, *_substates(child))]
