"""A cache of the live streams in the store. It is refreshed after events and at regular intervals."""

from collections.abc import Awaitable, Callable

from streaming_app.backend.streams.model import Broadcast
from streaming_app.backend.streams.summary import StreamSummary, live_digest, summarize

ENDED_MAX = 1000
"""Maximum number of ended streams that are kept, for viewers who were disconnected when they ended."""


class LiveStreamCache:
    """The summaries of all live streams, and of streams that ended recently."""

    def __init__(
        self, live: Callable[[], Awaitable[list[Broadcast]]], ended: Callable[[str], Awaitable[StreamSummary | None]]
    ) -> None:
        self._read_live = live
        self._read_ended = ended
        self._live_summaries: dict[str, StreamSummary] = {}
        self._ended_summaries: dict[str, StreamSummary] = {}
        self.digest = live_digest(())
        """Digest of the list of live streams."""

    async def refresh(self) -> list[StreamSummary]:
        """Read the store and return the summaries that have changed since the last call.

        If the store fails, the cache stays unchanged, and the next call returns the same changes.
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

    @property
    def live_count(self) -> int:
        """Number of live streams."""
        return len(self._live_summaries)

    def summary(self, channel_id: str) -> StreamSummary | None:
        """Return the summary of the channel's stream; ``None`` if it was not live since this process started."""
        return self._live_summaries.get(channel_id) or self._ended_summaries.get(channel_id)
