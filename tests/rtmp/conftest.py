"""The whole path of a publisher: encoder, nginx, callbacks, services and store, with two channels."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.ingest_secret import ingest_credentials
from streaming_app.backend.api.app import create_api
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.streams.model import Channel, StreamState
from streaming_app.backend.supervisor import supervise
from streaming_app.backend.workers import reaper
from tests.rig import ffmpeg
from tests.rig.certificates import renewed
from tests.rig.conditions import until, until_async
from tests.rig.nginx import nginx_settings
from tests.rig.ports import HOST
from tests.rig.processes import Process
from tests.rig.serving import serving


@dataclass(frozen=True)
class Owner:
    """A user with a channel and its stream key."""

    user_id: str
    channel: Channel
    stream_key: str

    @property
    def secret(self) -> str:
        return self.stream_key.partition("?key=")[2]


@dataclass(frozen=True)
class Ingest:
    """A site without its pages."""

    settings: Settings
    backend: Backend
    api: FastAPI
    browser: httpx.AsyncClient
    folder: Path
    stack: AsyncExitStack

    async def new_owner(self, name: str) -> Owner:
        user = User(f"u-{name}", name, f"{name}@example.com", "hash", datetime.now(UTC))
        await self.backend.store.users.add(user)
        channel = await self.backend.channels.get_or_create(user)
        return Owner(user.user_id, channel, await self.backend.channels.stream_key(user.user_id))

    def publish(self, stream_key: str, *options: str, application: str = "live") -> Process:
        """Start an encoder that publishes with this key until the test ends, or the server refuses it."""
        url = f"rtmp://{HOST}:{self.settings.rtmp_port}/{application}/{stream_key}"
        number = len(list(self.folder.glob("ffmpeg-*.log")))
        encoder = ffmpeg.publisher(url, self.folder / f"ffmpeg-{number}.log", options=options)
        self.stack.callback(encoder.stop)
        return encoder

    async def refused(self, encoder: Process, what: str = "the publisher") -> None:
        """Wait until the encoder has ended with an error; fails, with ``what`` in its message, if it was accepted."""
        await until(lambda: encoder.exit_code is not None, f"{what} was refused")
        assert await asyncio.to_thread(encoder.wait_until_ended) != 0, f"{what} was not refused"

    async def state(self, owner: Owner) -> StreamState:
        stream = await self.backend.streams.current(owner.channel.channel_id)
        return stream.state if stream else StreamState.OFFLINE

    async def until_state(self, owner: Owner, state: StreamState) -> None:
        async def is_so() -> bool:
            return await self.state(owner) is state

        await until_async(is_so, f"{owner.channel.name} was {state}")

    async def stream_id(self, owner: Owner) -> str:
        """Return the id of the newest stream."""
        return (await self.backend.store.streams.latest(owner.channel.channel_id)).stream_id

    async def playlist(self, owner: Owner) -> str:
        """Return the playlist as viewers get it; empty if there is none."""
        answer = await self.browser.get(f"/hls/{owner.channel.channel_id}/index.m3u8")
        return answer.text if answer.status_code == 200 else ""

    async def until_video(self, owner: Owner, *, newer_than: str = "", count: int = 2) -> list[str]:
        """Wait until there are ``count`` segments that ``newer_than`` does not list, and return their names."""
        segments: list[str] = []

        async def has_video() -> bool:
            segments[:] = [line for line in (await self.playlist(owner)).splitlines() if line.endswith(".ts")]
            return len(set(segments) - set(newer_than.splitlines())) >= count

        await until_async(has_video, f"{owner.channel.name} had video")
        return segments

    async def shown(self) -> str:
        """Return nginx's own statistics about publishers."""
        url = f"http://{HOST}:{self.settings.nginx_admin_port}/stat"
        return (await self.browser.get(url, headers=ingest_credentials(self.settings))).text

    @asynccontextmanager
    async def web(self) -> AsyncGenerator[None]:
        """Run the web process, which nginx calls, while the block runs."""
        async with serving(self.api, self.settings.web_port):
            yield


@asynccontextmanager
async def running_ingest(settings: Settings, folder: Path) -> AsyncGenerator[Ingest]:
    """Run everything but the web process, which each test starts and stops itself."""
    async with AsyncExitStack() as stack:
        backend = await stack.enter_async_context(open_backend(settings))
        api = create_api()
        api.state.backend = backend
        browser = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://{HOST}:{settings.http_port}", trust_env=False)
        )
        await stack.enter_async_context(supervise(settings))
        reaping = asyncio.create_task(reaper.run(backend))
        stack.callback(reaping.cancel)
        yield Ingest(settings, backend, api, browser, folder, stack)


@pytest.fixture
def reconnect_grace() -> float:
    """How many seconds a stream waits for its publisher. Tests without a returning publisher may choose fewer."""
    return 6


@pytest.fixture
async def ingest(tmp_path: Path, reconnect_grace: float) -> AsyncIterator[Ingest]:
    """Everything but the web process, with short waits."""
    settings = nginx_settings(
        tmp_path, reconnect_grace=reconnect_grace, end_hold=5, publisher_timeout=8, thumbnail_interval=1
    )
    async with running_ingest(settings, tmp_path) as ingest:
        yield ingest


@pytest.fixture
async def ada(ingest: Ingest) -> Owner:
    return await ingest.new_owner("Ada")


@pytest.fixture
async def bob(ingest: Ingest) -> Owner:
    return await ingest.new_owner("Bob")


@pytest.fixture
async def secure_ingest(tmp_path: Path) -> AsyncIterator[Ingest]:
    """The same with a certificate."""
    certificate, key = renewed(tmp_path)
    settings = nginx_settings(
        tmp_path,
        reconnect_grace=6,
        publisher_timeout=8,
        thumbnail_interval=1,
        rtmp_connections_per_address=3,
        trusted_proxies="none",
        tls_certificate=certificate,
        tls_key=key,
        public_url="https://localhost",
    )
    async with running_ingest(settings, tmp_path) as ingest:
        yield ingest
