"""What every channel's stream shows, as the store has it: events say when to look, regular looks repair the rest."""

from collections.abc import Awaitable, Callable

from streaming_app.backend.streams.model import Broadcast
from streaming_app.backend.streams.summary import StreamSummary, live_digest, summarize

ENDED_MAX = 1000
"""Streams that are remembered after their end, for viewers who were disconnected meanwhile."""


class LiveStreamCache:
    """The open streams of the site, and those that ended lately."""

    def __init__(
        self, live: Callable[[], Awaitable[list[Broadcast]]], ended: Callable[[str], Awaitable[StreamSummary | None]]
    ) -> None:
        self._read_live = live
        self._read_ended = ended
        self._live_summaries: dict[str, StreamSummary] = {}
        self._ended_summaries: dict[str, StreamSummary] = {}
        self.digest = live_digest(())
        """Of the list of what is live."""

    async def refresh(self) -> list[StreamSummary]:
        """Read the store again and return the summary of every stream that shows something else than before.

        When the store fails nothing changes, so the next call finds the same differences.
        """
        broadcasts = await self._read_live()
        shown = {b.channel.channel_id: summarize(b.channel, b.stream) for b in broadcasts}
        ended = [await self._read_ended(channel_id) for channel_id in self._live_summaries.keys() - shown.keys()]
        over = [summary for summary in ended if summary]
        changed = [summary for channel_id, summary in shown.items() if self._live_summaries.get(channel_id) != summary]
        self._live_summaries, self.digest = shown, live_digest(broadcasts)
        for summary in over:
            self._ended_summaries.pop(summary.channel_id, None)
            self._ended_summaries[summary.channel_id] = summary
        while len(self._ended_summaries) > ENDED_MAX:
            del self._ended_summaries[next(iter(self._ended_summaries))]
        return changed + over

    def summary(self, channel_id: str) -> StreamSummary | None:
        """What viewers of the channel find; ``None`` when it has not been live since this process started."""
        return self._live_summaries.get(channel_id) or self._ended_summaries.get(channel_id)
