"""The packager of this machine, asked over loopback HTTP."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from pydantic import TypeAdapter, ValidationError

from streaming_app.backend.config import Settings
from streaming_app.backend.media.health import IngestHealth
from streaming_app.backend.media.ports import PackagerUnavailableError

TIMEOUT_SECONDS = 1.0

_HEALTH = TypeAdapter(IngestHealth)


class HttpPackagerClient:
    """Implements ``media.ports.PackagerClient`` and ``LivePlaylists``."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def health(self, channel_id: str) -> IngestHealth | None:
        try:
            answer = await self._client.get(f"/health/{channel_id}")
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return None
            return _HEALTH.validate_json(answer.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as failed:
            message = f"the packager does not tell how a stream is: {type(failed).__name__}"
            raise PackagerUnavailableError(message) from failed

    async def check(self) -> None:
        await self.health("none")

    async def source(self, channel_id: str) -> str:
        try:
            answer = await self._client.get(f"/ll/{channel_id}/source/index.m3u8")
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return ""
            return answer.raise_for_status().text
        except httpx.ReadTimeout:  # it lets wait for the first segment of all: so long there is none
            return ""
        except httpx.HTTPError as failed:
            message = f"the packager does not tell what is live: {type(failed).__name__}"
            raise PackagerUnavailableError(message) from failed


@asynccontextmanager
async def open_packager_client(settings: Settings) -> AsyncGenerator[HttpPackagerClient]:
    """Nothing is asked of it yet."""
    base_url = f"http://127.0.0.1:{settings.packager_port}"
    async with httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        yield HttpPackagerClient(client)
