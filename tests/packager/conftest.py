"""A packager over made-up media, serving on a port of its own."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from pathlib import Path

import httpx
import pytest

from streaming_app.backend.media.tracks import Media
from streaming_app.backend.packager.packager import Packager, PackagerConfig
from streaming_app.backend.packager.server import serving
from tests.rig.ports import HOST, free_port


class Publisher:
    """Sends what it is told to, and leaves when it is told to."""

    def __init__(self) -> None:
        self.played: list[str] = []
        self.admits = asyncio.Event()
        """Whether nginx lets the packager join; it does at first."""
        self.admits.set()
        self._queue: asyncio.Queue[Media | None] = asyncio.Queue()

    def send(self, medias: Sequence[Media]) -> None:
        for media in medias:
            self._queue.put_nowait(media)

    def leave(self) -> None:
        self._queue.put_nowait(None)

    async def play(self, channel_id: str, joined: Callable[[], None]) -> AsyncGenerator[Media]:
        self.played.append(channel_id)
        await self.admits.wait()
        joined()
        while (media := await self._queue.get()) is not None:
            yield media


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


async def low(channel_id: str) -> int:
    """Every channel's parts are 200 ms long."""
    return 200


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def packager(tmp_path: Path, publisher: Publisher, clock: Clock) -> AsyncIterator[Packager]:
    config = PackagerConfig(tmp_path / "ll", window_seconds=30, grace_seconds=20, transcoders=0)
    packager = Packager(config, publisher.play, low, clock, clock)
    yield packager
    await packager.close()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def client(packager: Packager, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """nginx, as far as the packager can tell."""
    async with (
        serving(packager, port, timeout_seconds=0.5),
        httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False) as client,
    ):
        yield client
