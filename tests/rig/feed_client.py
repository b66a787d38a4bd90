"""A client of the feed that behaves as a browser: collects frames and maintains the message list by the protocol."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from picows import WSCloseCode, WSError, WSFrame, WSInvalidStatusError, WSListener, WSMsgType, WSTransport, ws_connect

from streaming_app.backend.websockets import LocalSocket

DEADLINE_SECONDS = 10
Door = int | Path
"""Where to connect to a feed: its port, or the path of its socket."""


class WaitingClient(WSListener):
    """A websocket whose test waits for what it receives. ``on_ws_frame`` of a subclass sets ``news``."""

    deadline_seconds = DEADLINE_SECONDS

    def __init__(self) -> None:
        self.is_disconnected = False
        self.transport: WSTransport
        self.news = asyncio.Event()

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when ``condition`` is true, which is checked after each frame. Fails after the deadline."""
        async with asyncio.timeout(self.deadline_seconds):
            while not condition():
                self.news.clear()
                await self.news.wait()

    async def is_gone(self) -> None:
        """Wait until the connection has ended, without a deadline."""
        while not self.is_disconnected:
            self.news.clear()
            await self.news.wait()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it by this name
        self.is_disconnected = True
        self.news.set()


class FeedClient(WaitingClient):
    """One connection. It may continue with ``messages`` and ``cursor`` of an earlier one, as a browser does."""

    def __init__(self, messages: list[dict[str, str]] | None = None, *, answers_pings: bool = True) -> None:
        super().__init__()
        self._answers_pings = answers_pings
        self.pings = 0
        self.frames: list[dict[str, Any]] = []
        self.messages = list(messages or [])
        self.close_code: WSCloseCode | None = None

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages]

    @property
    def viewers(self) -> int:
        """Return the last received number of viewers."""
        return (self.of_type("viewers") or [self.welcome["channel"]])[-1]["viewers"]

    @property
    def welcome(self) -> dict[str, Any]:
        return self.frames[0]

    def of_type(self, type_: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == type_]

    async def has_gone(self) -> WSCloseCode | None:
        """Wait until the server has closed the connection, and return the close code."""
        await self.until(lambda: self.is_disconnected)
        return self.close_code

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.TEXT:
            self._take(json.loads(frame.get_payload_as_utf8_text()))
        elif frame.msg_type == WSMsgType.CLOSE:
            self.close_code = frame.get_close_code()
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()
        elif frame.msg_type == WSMsgType.PING:
            self.pings += 1
            if self._answers_pings:
                transport.send_pong(frame.get_payload_as_bytes())
        self.news.set()

    def _take(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        if frame["type"] == "welcome" and not frame.get("resumed", True):
            self.messages = []
        if frame["type"] != "restored":
            self.messages += frame.get("messages", [])


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server's answer if it refuses the upgrade."""

    status: int
    message: str


async def connect(
    door: Door, target: str, headers: dict[str, str] | None = None, *, client: FeedClient | None = None
) -> FeedClient:
    """Return a connected client that has received its first frame. Raises ``WSError`` if there is none."""
    client = client or FeedClient()
    port, reach = (door, None) if isinstance(door, int) else (80, lambda _: unix_socket(door))
    await ws_connect(
        lambda: client,
        f"ws://127.0.0.1:{port}{target}",
        extra_headers=headers,
        enable_auto_pong=False,
        socket_factory=reach,
    )
    await client.until(lambda: client.frames or client.is_disconnected)
    if not client.frames:
        raise WSError("The server closed the connection without a frame.")
    return client


def unix_socket(path: Path) -> LocalSocket:
    """Return a connected socket, for ``ws_connect``."""
    sock = LocalSocket(socket.AF_UNIX)
    sock.connect(str(path))
    return sock


async def refusal(port: int, target: str, headers: dict[str, str] | None = None) -> Refusal:
    """Connect, expect a refusal, and return it."""
    with pytest.raises(WSInvalidStatusError) as refused:
        await connect(port, target, headers)
    response, body = refused.value.response, refused.value.raw_body
    assert response is not None
    assert body is not None
    return Refusal(response.status, json.loads(body)["message"])


@asynccontextmanager
async def connected(door: Door, target: str, headers: dict[str, str] | None = None) -> AsyncGenerator[FeedClient]:
    """Yield a connected client that has received its first frame, and disconnect it at the end."""
    client = await connect(door, target, headers)
    try:
        yield client
    finally:
        await leave(client)


async def reconnect_until(last_text: str, ports: Sequence[int], channel_id: str, seed: int) -> FeedClient:
    """Read a channel through many short connections to random ports, until ``last_text`` was received."""
    pick = random.Random(seed)  # noqa: S311 - no secret
    viewer = await connect(pick.choice(ports), f"/feed/{channel_id}")
    while True:
        enough = len(viewer.messages) + pick.randrange(1, 20)
        await viewer.until(lambda viewer=viewer, enough=enough: viewer.texts[enough:] or last_text in viewer.texts)
        await leave(viewer)
        if last_text in viewer.texts:
            return viewer
        target = f"/feed/{channel_id}?after={viewer.messages[-1]['cursor']}"
        viewer = await connect(pick.choice(ports), target, client=FeedClient(viewer.messages))
        assert viewer.welcome["resumed"]


async def leave(client: FeedClient) -> None:
    """Close the connection, as a browser does that leaves the page."""
    client.transport.send_close(WSCloseCode.GOING_AWAY)
    await client.until(lambda: client.is_disconnected)
