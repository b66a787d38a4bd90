"""nginx-rtmp as the ingest: who publishes, from its ``/stat``, and showing someone out, by its ``/control``."""

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
"""Where encoders publish; what nginx relays to itself for HLS is another application, with other client numbers."""
TIMEOUT_SECONDS = 2.0


class NginxIngest:
    """Implements ``streams.ports.Ingest``. A client's ``<id>`` in ``/stat`` is the callbacks' ``clientid``."""

    def __init__(self, client: httpx.AsyncClient, credentials: Callable[[], dict[str, str]]) -> None:
        """Take ``credentials`` anew for each question: nginx may have been set up after this process."""
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
        """The name of each stream and its publisher, as ``/stat`` shows them."""
        statistics = await self._ask("/stat", {})
        try:
            root: Element = fromstring(statistics)
        except (ParseError, DefusedXmlException) as broken:
            message = "nginx's /stat is no XML"
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
    """The ingest on this machine; nothing is asked of it yet."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{settings.nginx_admin_port}",
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    ) as client:
        yield NginxIngest(client, partial(ingest_credentials, settings))
