"""Disconnects a publisher that is connected but sends nothing, so that another can take over its stream."""

import asyncio
import logging

from streaming_app.backend.streams.ports import Ingest, IngestUnavailableError

log = logging.getLogger(__name__)

SILENT_SECONDS = 1.0
"""A publisher that sends no complete audio or video message for this time may be replaced."""
POLL_SECONDS = 0.1
DISCONNECT_SECONDS = 0.5
"""How long the ingest may take to disconnect a publisher."""


class Takeover:
    """Detects and disconnects silent publishers. A publisher is silent if its media timestamps do not advance."""

    def __init__(self, ingest: Ingest, silent_seconds: float = SILENT_SECONDS) -> None:
        self._ingest = ingest
        self._silent_seconds = silent_seconds

    async def remove_silent(self, channel_id: str, client_id: str) -> bool:
        """Disconnect the publisher if it sends nothing for ``SILENT_SECONDS``, and return whether it is gone.

        Returns ``False`` as soon as the publisher sends something, or if the ingest does not answer or does not
        disconnect it.
        """
        try:
            if not await self._is_silent(channel_id, client_id):
                return False
            log.info("Publisher %s of channel %s sends nothing and is disconnected", client_id, channel_id)
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
