"""Those who watch the list of what is live: told that it has changed, at once but not too often."""

import asyncio

from streaming_app.backend.chat.room import Seat
from streaming_app.backend.feed import frames


class Catalog:
    """The seats of the catalog's feed."""

    def __init__(self, rest_seconds: float) -> None:
        self._rest_seconds = rest_seconds
        self._seats: set[Seat] = set()
        self._digest = ""
        self._told_at = float("-inf")
        self._next: asyncio.TimerHandle | None = None

    def join(self, seat: Seat) -> None:
        """Welcome ``seat``, and tell it of changes from now on."""
        seat.tell(frames.catalog_welcome(self._digest))
        self._seats.add(seat)

    def leave(self, seat: Seat) -> None:
        """Give up the seat, if it is one."""
        self._seats.discard(seat)

    def show(self, digest: str) -> None:
        """Tell everyone, now or when the rest since the last time is over, if the list is another than before."""
        if digest == self._digest:
            return
        self._digest = digest
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.call_at(max(loop.time(), self._told_at + self._rest_seconds), self._tell)

    def close(self) -> None:
        """Tell nothing more."""
        if self._next:
            self._next.cancel()

    def _tell(self) -> None:
        self._next = None
        self._told_at = asyncio.get_running_loop().time()
        frame = frames.catalog_changed(self._digest)
        for seat in tuple(self._seats):
            seat.tell(frame)
