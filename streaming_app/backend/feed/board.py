"""What every channel's stream shows, as the store has it: events say when to look, regular looks repair the rest."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from streaming_app.backend.streams.model import Broadcast, StreamState


@dataclass(frozen=True, slots=True)
class _Showing:
    stream_id: str
    state: StreamState
    title: str
    category: str


class StreamBoard:
    """The open streams of the site. ``live`` reads them."""

    def __init__(self, live: Callable[[], Awaitable[list[Broadcast]]]) -> None:
        self._live = live
        self._showing: dict[str, _Showing] = {}

    async def reread(self) -> dict[str, StreamState]:
        """Look again; the state of every channel whose stream is another than before, or shows something else."""
        before, self._showing = self._showing, {b.channel.channel_id: _showing(b) for b in await self._live()}
        channel_ids = before.keys() | self._showing.keys()
        return {c: self.state(c) for c in channel_ids if before.get(c) != self._showing.get(c)}

    def state(self, channel_id: str) -> StreamState:
        """What viewers of the channel find."""
        showing = self._showing.get(channel_id)
        return showing.state if showing else StreamState.OFFLINE


def _showing(broadcast: Broadcast) -> _Showing:
    stream = broadcast.stream
    return _Showing(stream.stream_id, stream.state, stream.title, stream.category)
