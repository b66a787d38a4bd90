"""Viewers who connect again whenever their connection ends, as pages do: of the chat, and of both kinds of video."""

import asyncio
import json
import random
import time
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from typing import Any

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks import viewers
from benchmarks.chaos.recovery import CHAT_STALL_SECONDS, Arrivals
from streaming_app.backend.media.frame_fragments import MessageKind
from tests.rig.ports import HOST

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 2.0
"""Pause before a reader of the chat connects again, at first and in the end (docs/feed.md)."""
REALTIME_PAUSE_SECONDS = 0.3
"""The same for video in real time (``LAST_RETRY_MS.realtime`` of live_playback.ts)."""
FIRST_HLS_PAUSE_SECONDS, LONGEST_HLS_PAUSE_SECONDS = 0.3, 1.0
"""The same for low-latency HLS (``FIRST_RETRY_MS`` and ``LAST_RETRY_MS.low``)."""
CONNECT_SECONDS = 10.0
SILENT_SECONDS = 5.0
"""Time without a part after which a viewer of low-latency HLS starts again."""
MESSAGE_MAX_BYTES = 1 << 24


class Viewer(WSListener):
    """A viewer with one websocket at a time."""

    pauses = (FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
    """The first and the longest pause before another connection, in seconds."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._gone = asyncio.Event()
        self.connections = 0
        self.arrivals = Arrivals()

    def path(self) -> str:
        """Return the path for the next connection."""
        raise NotImplementedError

    def take(self, frame: WSFrame) -> None:
        """Handle a frame with data."""
        raise NotImplementedError

    async def watch(self) -> None:
        """Watch until cancelled."""
        first, longest = self.pauses
        pause = first
        while True:
            self._gone.clear()
            with suppress(OSError, TimeoutError, WSError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    url = f"ws://{HOST}:{self._port}{self.path()}"
                    transport, _ = await ws_connect(lambda: self, url, max_frame_size=MESSAGE_MAX_BYTES)
                self.connections += 1
                pause = first
                try:
                    await self._gone.wait()
                finally:
                    transport.disconnect(graceful=False)
            await _sleep_about(pause)
            pause = min(2 * pause, longest)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Handle a frame, or the end of the connection."""
        if frame.msg_type == WSMsgType.CLOSE:
            transport.disconnect()
        elif frame.msg_type in {WSMsgType.TEXT, WSMsgType.BINARY}:
            self.take(frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it by this name
        """End the wait for the end of the connection."""
        self._gone.set()


class RealtimeViewer(Viewer):
    """A viewer who receives each frame of a stream. ``arrivals`` are those of video frames."""

    pauses = (REALTIME_PAUSE_SECONDS, REALTIME_PAUSE_SECONDS)

    def __init__(self, port: int, channel_id: str) -> None:
        super().__init__(port)
        self._path = f"/rt/{channel_id}/source"

    def path(self) -> str:
        return self._path

    def take(self, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY and frame.get_payload_as_memoryview()[0] in {
            MessageKind.KEYFRAME,
            MessageKind.VIDEO,
        }:
            self.arrivals.add()


class ChatReader(Viewer):
    """A reader of a channel's chat, who continues after the last message that was received."""

    def __init__(self, port: int, channel_id: str) -> None:
        super().__init__(port)
        self.arrivals = Arrivals(CHAT_STALL_SECONDS)
        self._channel_id = channel_id
        self._cursor = ""
        self.received: Counter[str] = Counter()
        """How often each message was received, by id."""
        self.deleted: set[str] = set()
        self.restarts = 0
        """How often the server did not continue after the last message, because too many had been missed."""

    def path(self) -> str:
        return f"/feed/{self._channel_id}" + (f"?after={self._cursor}" if self._cursor else "")

    def take(self, frame: WSFrame) -> None:
        content = _parsed(frame.get_payload_as_bytes())
        kind, messages = content["type"], content.get("messages", [])
        if kind == "deleted":
            self.deleted.update(content.get("ids", []))
        if kind == "welcome":
            self.deleted.update(content.get("deleted", []))
            self.restarts += bool(self._cursor and not content["resumed"])
            if not content["resumed"]:
                messages = [message for message in messages if message["id"] not in self.received]
        if kind in {"welcome", "messages"} and messages:
            self._cursor = messages[-1]["cursor"]
            self.received.update(message["id"] for message in messages)
            self.arrivals.add()


@lru_cache(maxsize=1024)
def _parsed(payload: bytes) -> dict[str, Any]:
    """Parse a frame once for all readers that receive the same bytes."""
    return json.loads(payload)


class HlsViewer:
    """A viewer of low-latency HLS. ``arrivals`` are those of parts."""

    def __init__(self, crowd: viewers.Crowd) -> None:
        self._crowd = crowd
        self._newest_at = 0.0
        self.connections = 0
        self.arrivals = Arrivals()

    async def watch(self) -> None:
        """Watch until cancelled."""
        pause = FIRST_HLS_PAUSE_SECONDS
        while True:
            known = len(self.arrivals.times)
            player = _Player(self._crowd, self.arrivals)
            self.connections += 1
            self._newest_at = time.monotonic()
            await player.come(0)
            while not player.is_lost.is_set() and self._is_served():
                with suppress(TimeoutError):
                    async with asyncio.timeout(SILENT_SECONDS / 2):
                        await player.is_lost.wait()
            player.leave()
            has_watched = len(self.arrivals.times) > known
            pause = FIRST_HLS_PAUSE_SECONDS if has_watched else min(2 * pause, LONGEST_HLS_PAUSE_SECONDS)
            await _sleep_about(pause)

    def _is_served(self) -> bool:
        self._newest_at = max([self._newest_at, *self.arrivals.times[-1:]])
        return time.monotonic() - self._newest_at < SILENT_SECONDS


async def _sleep_about(seconds: float) -> None:
    """Sleep half of this time or more, as pages do: otherwise all would connect again at once."""
    await asyncio.sleep(seconds * random.uniform(0.5, 1))  # noqa: S311 - no secret


class _Player(viewers.Viewer):
    def __init__(self, crowd: viewers.Crowd, arrivals: Arrivals) -> None:
        super().__init__(crowd)
        self._arrivals = arrivals
        self.is_lost = asyncio.Event()

    def _take_playlist(self, status: int, body: bytes) -> None:
        super()._take_playlist(status, body)
        if status != viewers.OK:
            self.is_lost.set()

    def _take_part(self, status: int, _: bytes) -> None:
        super()._take_part(status, _)
        if status == viewers.OK:
            self._arrivals.add()

    def _lost(self) -> None:
        self.is_lost.set()
