"""The states of tabs in memory: when they are freed."""

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from time import monotonic

from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken, StateToken
from reflex.state import State


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
