"""What every channel's stream shows, as the store has it: events say when to look, regular looks repair the rest."""

from collections.abc import Awaitable, Callable

from streaming_app.backend.streams.model import Broadcast
from streaming_app.backend.streams.summary import StreamSummary, live_digest, summarize

ENDED_MAX = 1000
"""Streams that are remembered after their end, for viewers who were disconnected meanwhile."""


class StreamBoard:
    """The open streams of the site, and those that ended lately."""

    def __init__(
        self, live: Callable[[], Awaitable[list[Broadcast]]], ended: Callable[[str], Awaitable[StreamSummary | None]]
    ) -> None:
        self._live = live
        self._ended = ended
        self._shown: dict[str, StreamSummary] = {}
        self._over: dict[str, StreamSummary] = {}
        self.digest = live_digest(())
        """Of the list of what is live."""

    async def reread(self) -> list[StreamSummary]:
        """Read the store again and return the summary of every stream that shows something else than before.

        When the store fails nothing changes, so the next call finds the same differences.
        """
        broadcasts = await self._live()
        shown = {b.channel.channel_id: summarize(b.channel, b.stream) for b in broadcasts}
        ended = [await self._ended(channel_id) for channel_id in self._shown.keys() - shown.keys()]
        over = [summary for summary in ended if summary]
        changed = [summary for channel_id, summary in shown.items() if self._shown.get(channel_id) != summary]
        self._shown, self.digest = shown, live_digest(broadcasts)
        for summary in over:
            self._over.pop(summary.channel_id, None)
            self._over[summary.channel_id] = summary
        while len(self._over) > ENDED_MAX:
            del self._over[next(iter(self._over))]
        return changed + over

    def summary(self, channel_id: str) -> StreamSummary | None:
        """What viewers of the channel find; ``None`` when it has not been live since this process started."""
        return self._shown.get(channel_id) or self._over.get(channel_id)
