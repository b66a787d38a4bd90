"""Client of nginx-rtmp, the ingest: lists publishers with ``/stat`` and disconnects them with ``/control``."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from xml.etree.ElementTree import Element, ParseError

import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from streaming_app.backend.adapters.ingest_secret import ingest_credentials
from streaming_app.backend.config import Settings
from streaming_app.backend.streams.ports import IngestUnavailableError

APPLICATION = "live"
"""The nginx-rtmp application for encoders. The HLS relay is a different application with other client ids."""
TIMEOUT_SECONDS = 2.0


class NginxIngest:
    """Implements ``streams.ports.Ingest``. The ``<id>`` of a client in ``/stat`` is its ``clientid`` in callbacks."""

    def __init__(self, client: httpx.AsyncClient, credentials: Callable[[], dict[str, str]]) -> None:
        """Create the adapter. It calls ``credentials`` for each request, because nginx may be set up later."""
        self._client = client
        self._credentials = credentials

    async def publishers(self) -> dict[str, str]:
        return {name: client.findtext("id", "") for name, client in await self._connected()}

    async def media_time(self, channel_id: str, client_id: str) -> int | None:
        for name, client in await self._connected():
            if name == channel_id and client.findtext("id") == client_id:
                return int(client.findtext("timestamp", "0"))
        return None

    async def drop(self, channel_id: str, client_id: str = "") -> None:
        whom = {"clientid": client_id} if client_id else {}
        await self._ask("/control/drop/publisher", {"app": APPLICATION, "name": channel_id, **whom})

    async def _connected(self) -> list[tuple[str, Element]]:
        """Return the name and the publisher of each stream in ``/stat``. Raises ``IngestUnavailableError``."""
        statistics = await self._ask("/stat", {})
        try:
            root: Element = fromstring(statistics)
        except (ParseError, DefusedXmlException) as broken:
            message = "nginx's /stat is not valid XML"
            raise IngestUnavailableError(message) from broken
        return [
            (stream.findtext("name", ""), client)
            for application in root.iterfind("server/application")
            if application.findtext("name") == APPLICATION
            for stream in application.iterfind("live/stream")
            for client in stream.iterfind("client")
            if client.find("publishing") is not None
        ]

    async def _ask(self, path: str, parameters: dict[str, str]) -> bytes:
        try:
            answer = await self._client.get(path, params=parameters, headers=self._credentials())
            answer.raise_for_status()
        except httpx.HTTPError as failed:
            message = f"nginx does not answer {path}: {type(failed).__name__}"
            raise IngestUnavailableError(message) from failed
        return answer.content


@asynccontextmanager
async def open_ingest(settings: Settings) -> AsyncGenerator[NginxIngest]:
    """Open a client of the ingest. Sends no request."""
    async with httpx.AsyncClient(
        base_url=httpx.URL(scheme="http", host=settings.ingest_host, port=settings.nginx_admin_port),
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    ) as client:
        yield NginxIngest(client, partial(ingest_credentials, settings))
