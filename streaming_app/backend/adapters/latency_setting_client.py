"""Requests the latency setting of a channel from the web process, because the packager must not read the store."""

import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx

from streaming_app.backend.config import Settings
from streaming_app.backend.streams.model import Latency

TIMEOUT_SECONDS = 1.0

log = logging.getLogger(__name__)


class ChannelLatency:
    """Requests the setting each time. Uses the last known value if the request fails."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self._known: dict[str, Latency] = {}

    async def of(self, channel_id: str) -> Latency:
        """Return the latency that the channel's owner has chosen.

        If the web process does not answer, return the last known value, or ``Latency.LOW`` if there is none.
        """
        try:
            answer = (await self._client.get(f"/rtmp/latency/{channel_id}")).raise_for_status()
            self._known[channel_id] = Latency(answer.text)
        except (httpx.HTTPError, ValueError) as failed:
            log.warning("The web process did not return the latency of channel %s: %r", channel_id, failed)
        return self._known.get(channel_id, Latency.LOW)


@asynccontextmanager
async def reach_latency(settings: Settings) -> AsyncGenerator[ChannelLatency]:
    """Open a client of the web process. Sends no request."""
    base_url = f"http://127.0.0.1:{settings.web_port}"
    async with httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        yield ChannelLatency(client)
