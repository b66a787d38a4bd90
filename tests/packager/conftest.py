"""A packager with generated media, which serves on a free port."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from streaming_app.backend.packager.packager import Packager, PackagerConfig
from streaming_app.backend.packager.server import serving
from tests.rig.ports import HOST, free_port
from tests.rig.scripted_publisher import Clock, Publisher


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def packager(tmp_path: Path, publisher: Publisher, clock: Clock) -> AsyncIterator[Packager]:
    config = PackagerConfig(tmp_path / "ll", window_seconds=30, grace_seconds=20, transcoders=0)
    packager = Packager(config, publisher.play, clock, clock)
    yield packager
    await packager.close()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
async def client(packager: Packager, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """A client that takes the place of nginx."""
    async with (
        serving(packager, port, timeout_seconds=0.5),
        httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False) as client,
    ):
        yield client
