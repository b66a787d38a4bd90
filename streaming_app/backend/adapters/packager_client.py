"""HTTP client for the packager."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from streaming_app.backend.config import Settings
from streaming_app.backend.media.ports import PackagerUnavailableError
from streaming_app.backend.media.stream_health import IngestHealth
from streaming_app.backend.media.window_snapshot import WindowSnapshot

TIMEOUT_SECONDS = 1.0

Document = TypeVar("Document")

_HEALTH = TypeAdapter(IngestHealth)
_WINDOW = TypeAdapter(WindowSnapshot)


class HttpPackagerClient:
    """Implements ``media.ports.PackagerClient`` and ``LiveWindows``."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def health(self, channel_id: str) -> IngestHealth | None:
        return await self._get(f"/health/{channel_id}", _HEALTH)

    async def check(self) -> None:
        await self.health("none")

    async def window(self, channel_id: str) -> WindowSnapshot:
        return await self._get(f"/window/{channel_id}", _WINDOW) or WindowSnapshot()

    async def _get(self, path: str, document: TypeAdapter[Document]) -> Document | None:
        """Return the document at this path; ``None`` if the packager answers 404."""
        try:
            response = await self._client.get(path)
            if response.status_code == HTTPStatus.NOT_FOUND:
                return None
            return document.validate_json(response.raise_for_status().content)
        except (httpx.HTTPError, ValidationError) as failed:
            message = f"the packager does not answer {path}: {type(failed).__name__}"
            raise PackagerUnavailableError(message) from failed


@asynccontextmanager
async def open_packager_client(settings: Settings) -> AsyncGenerator[HttpPackagerClient]:
    """Open the client. It makes no request yet."""
    base_url = httpx.URL(scheme="http", host=settings.packager_host, port=settings.packager_port)
    async with httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        yield HttpPackagerClient(client)
