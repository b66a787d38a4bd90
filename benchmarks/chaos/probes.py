"""Readers of every stream and every chat, which know when video and chat flowed again after a fault."""

import asyncio
import time
from collections.abc import AsyncGenerator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from benchmarks.chaos.faults import Fault
from benchmarks.chaos.population import Channel
from benchmarks.chaos.recovery import Arrivals, slowest
from benchmarks.chaos.requests import FAILURES, open_client
from benchmarks.chaos.talk import Talk
from benchmarks.chaos.viewers import ChatReader, RealtimeViewer
from benchmarks.results import load
from streaming_app.backend.background_tasks import in_background
from tests.rig.site import Site

QUIET_SECONDS = 3.0
"""How long everything must flow after a fault before the next one."""
PATIENCE_SECONDS = 30.0
"""Maximum time to wait for the recovery from a fault."""
POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Recovery:
    """What happened after one fault. Times are ``None`` if the slowest stream or chat did not recover."""

    fault: Fault
    video: float | None
    hls: float | None
    chat: float | None
    load: float = field(default_factory=load)
    """See ``results.load``."""

    def __str__(self) -> str:
        times = {"video": self.video, "HLS": self.hls, "chat": self.chat}
        return ", ".join(f"{name} {'-' if seconds is None else f'{seconds:.1f} s'}" for name, seconds in times.items())


class Probes:
    """One viewer of each delivery, and one reader, for each channel."""

    def __init__(self, site: Site, channels: Sequence[Channel], talk: Talk) -> None:
        self._site_url, port = site.url, site.ports["HTTP_PORT"]
        ids = [channel.channel_id for channel in channels]
        self._video = [RealtimeViewer(port, channel_id) for channel_id in ids]
        self._hls = {channel_id: Arrivals() for channel_id in ids}
        self._readers = [ChatReader(port, channel_id) for channel_id in ids]
        self._chat = [*talk.acknowledgements.values(), *(reader.arrivals for reader in self._readers)]

    def work(self) -> list[Coroutine[Any, Any, None]]:
        """Return what the probes do until cancelled."""
        watching = [viewer.watch() for viewer in [*self._video, *self._readers]]
        return [*watching, *(self._poll(channel_id) for channel_id in self._hls)]

    async def recovered(self, fault: Fault, ended_at: float) -> Recovery:
        """Wait until everything has flowed for ``QUIET_SECONDS``, at most for ``PATIENCE_SECONDS``."""
        groups = [[viewer.arrivals for viewer in self._video], list(self._hls.values()), self._chat]
        while True:
            now = time.monotonic()
            is_quiet = all(slowest(flows, now - QUIET_SECONDS) == 0.0 for flows in groups)
            if (is_quiet and now - ended_at > QUIET_SECONDS) or now - ended_at > PATIENCE_SECONDS:
                video, hls, chat = (slowest(flows, ended_at) for flows in groups)
                return Recovery(fault, video, hls, chat)
            await asyncio.sleep(POLL_SECONDS)

    async def _poll(self, channel_id: str) -> None:
        """Read the playlist of low-latency HLS again and again. A new part in it is an arrival."""
        newest = ""
        async with open_client(self._site_url) as client:
            while True:
                try:
                    answer = await client.get(f"/ll/{channel_id}/source/index.m3u8", timeout=2.0)
                    lines = answer.text.splitlines() if answer.status_code == HTTPStatus.OK else []
                except FAILURES:
                    lines = []
                parts = [line for line in lines if line.startswith("#EXT-X-PART:")]
                if parts and parts[-1] != newest:
                    newest = parts[-1]
                    self._hls[channel_id].add()
                await asyncio.sleep(POLL_SECONDS)


@asynccontextmanager
async def running(work: Sequence[Coroutine[Any, Any, None]]) -> AsyncGenerator[None]:
    """Run all of ``work`` while the block runs."""
    async with AsyncExitStack() as stack:
        for each in work:
            await stack.enter_async_context(in_background(each))
        yield
