"""Makes room for a publisher whose predecessor hangs: connected still, but silent."""

import asyncio
import logging

from streaming_app.backend.streams.ports import Ingest, IngestUnavailableError

log = logging.getLogger(__name__)

SILENT_SECONDS = 1.0
"""A publisher that sends no whole audio or video message for so long may be replaced. A trickle of bytes is none."""
POLL_SECONDS = 0.1
DISCONNECT_SECONDS = 0.5
"""How long the ingest may take to let go of a publisher that it was told to disconnect."""


class Takeover:
    """Tells a publisher that hangs from one that is alive, by the timestamps of what it sends."""

    def __init__(self, ingest: Ingest, silent_seconds: float = SILENT_SECONDS) -> None:
        self._ingest = ingest
        self._silent_seconds = silent_seconds

    async def remove_silent(self, channel_id: str, client_id: str) -> bool:
        """Disconnect the publisher if nothing comes from it for ``SILENT_SECONDS``.

        ``False``, as soon as that is known, when it is alive; also when the ingest does not answer or keeps it.
        """
        try:
            if not await self._is_silent(channel_id, client_id):
                return False
            log.info("Publisher %s of channel %s sends nothing: it makes room for another", client_id, channel_id)
            await self._ingest.drop(channel_id, client_id)
            return await self._has_left(channel_id, client_id)
        except IngestUnavailableError:
            return False

    async def _is_silent(self, channel_id: str, client_id: str) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + self._silent_seconds
        newest = await self._ingest.media_time(channel_id, client_id)
        while newest is not None:
            await asyncio.sleep(POLL_SECONDS)
            if await self._ingest.media_time(channel_id, client_id) != newest:
                return False
            if loop.time() >= until:
                return True
        return False

    async def _has_left(self, channel_id: str, client_id: str) -> bool:
        loop = asyncio.get_running_loop()
        until = loop.time() + DISCONNECT_SECONDS
        while await self._ingest.media_time(channel_id, client_id) is not None:
            if loop.time() >= until:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True
