"""Readers of one channel's chat, in one process: ``python -m benchmarks.chat_crowd``, started by chat_fanout.

Each reader is a raw socket that implements only the necessary part of the websocket protocol, because a complete client
would add its own cost to the measurement. A frame that is sent to all readers is parsed once.
"""

import asyncio
import json
import sys
import time
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from benchmarks.load_process import run_load_process
from benchmarks.results import percentile
from tests.rig.ports import HOST

COMING_A_SECOND = 500
HERE = "everybody is here"
"""Line that the crowd prints when every viewer is connected."""
HANDSHAKE = (
    f"Host: {HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
)
_PING, _PONG = 0x89, b"\x8a\x80\0\0\0\0"
_SHORT_HEAD = 2
_LONGER_HEADS = {126: 4, 127: 10}
"""Sizes of a frame's head in bytes, by its second byte, when the payload's size follows it (RFC 6455, 5.2)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a crowd."""

    doors: str
    """Where to connect: ports or socket paths, separated by commas. Viewers are distributed evenly."""
    channel_id: str
    viewers: int
    expected: int
    """Number of messages that will be sent."""
    patience: float
    """Maximum time to wait for the messages after every viewer is connected, in seconds."""


@dataclass(slots=True)
class Frame:
    """One frame of messages, which every viewer receives."""

    sent_at: list[float]
    """Time at which each of its messages was sent, in seconds of the monotonic clock."""
    first: int
    last: int
    """Cursor of the last message; ``first`` is that of the first one."""
    arrivals: "array[float]" = field(default_factory=lambda: array("d"))


class Crowd:
    """All viewers of one process, and their findings."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.errors: Counter[str] = Counter()
        self.frames: dict[bytes, Frame | None] = {}
        """Frames by their bytes; ``None`` for a frame without messages."""
        self.received = 0
        self.all_came = asyncio.Event()
        self.all_welcomed = asyncio.Event()
        self._welcomed = 0

    def read(self, whole: bytes, payload: bytes) -> Frame | None:
        """Parse a frame that no viewer has received before."""
        content: dict[str, Any] = json.loads(payload)
        frame = None
        if content["type"] == "messages":
            cursors = [int(message["cursor"]) for message in content["messages"]]
            if cursors != sorted(set(cursors)):
                self.errors["messages out of order in a frame"] += 1
            sent_at = [float(message["text"].split()[1]) for message in content["messages"]]
            frame = Frame(sent_at, cursors[0], cursors[-1])
        elif content["type"] not in {"welcome", "viewers", "stream"}:
            self.errors[f"a frame of type {content['type']}"] += 1
        self.frames[whole] = frame
        return frame

    async def run(self) -> dict[str, object]:
        """Connect all viewers, wait until they have read everything, disconnect them, and return the findings."""
        viewers = [Viewer(self) for _ in range(self.plan.viewers)]
        doors = self.plan.doors.split(",")
        coming = [
            asyncio.create_task(viewer.come(index / COMING_A_SECOND, doors[index % len(doors)]))
            for index, viewer in enumerate(viewers)
        ]
        await asyncio.gather(*coming)
        await self.all_welcomed.wait()
        print(HERE, flush=True)
        cpu_before = time.process_time()
        try:
            async with asyncio.timeout(self.plan.patience):
                await self.all_came.wait()
        except TimeoutError:
            self.errors["viewers who missed something"] += sum(v.received < self.plan.expected for v in viewers)
        cpu_seconds = time.process_time() - cpu_before
        for viewer in viewers:
            viewer.leave()
        return self._findings(cpu_seconds)

    def welcome(self) -> None:
        """Count one more viewer as connected."""
        self._welcomed += 1
        if self._welcomed == self.plan.viewers:
            self.all_welcomed.set()

    def count(self, messages: int) -> None:
        """Count messages that a viewer has received."""
        self.received += messages
        if self.received == self.plan.expected * self.plan.viewers:
            self.all_came.set()

    def _findings(self, cpu_seconds: float) -> dict[str, object]:
        frames = [frame for frame in self.frames.values() if frame]
        late_ms = [(at - sent) * 1000 for frame in frames for at in frame.arrivals for sent in frame.sent_at] or [-1.0]
        late_ms.sort()
        return {
            "delivered": self.received,
            "frames": len(frames),
            **{f"p{share}_ms": round(percentile(late_ms, share / 100), 1) for share in (50, 95, 99)},
            "max_ms": round(late_ms[-1], 1),
            "crowd_cpu_s": round(cpu_seconds, 2),
            "errors": +self.errors,
        }


class Viewer(asyncio.Protocol):
    """The connection of one viewer."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._transport: asyncio.Transport | None = None
        self._request = self._rest = b""
        self._is_upgraded = self._is_leaving = False
        self._last = -1
        self.received = 0

    async def come(self, after_seconds: float, door: str, *, after: str = "", cookies: str = "") -> None:
        """Connect after a delay, and read from a cursor or from the beginning."""
        target = f"/feed/{self._crowd.plan.channel_id}" + (f"?after={after}" if after else "")
        head = f"GET {target} HTTP/1.1\r\n{HANDSHAKE}" + (f"\r\nCookie: {cookies}" if cookies else "")
        self._request = f"{head}\r\n\r\n".encode()
        await asyncio.sleep(after_seconds)
        loop = asyncio.get_running_loop()
        try:
            if door.isdecimal():
                await loop.create_connection(lambda: self, HOST, int(door))
            else:
                await loop.create_unix_connection(lambda: self, door)
        except OSError:
            self._crowd.errors["could not connect"] += 1

    def leave(self) -> None:
        """Close the connection."""
        self._is_leaving = True
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request for the feed."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio calls it by this name
        """Count an error if the viewer did not close the connection itself."""
        if not self._is_leaving:
            self._crowd.errors["connection lost"] += 1

    def data_received(self, data: bytes) -> None:
        """Read received bytes, which are mostly exactly one frame."""
        at = time.monotonic()
        frame = None if self._rest else self._crowd.frames.get(data)
        if frame:
            self._take(frame, at)
        else:
            self._rest += data
            self._take_apart(at)

    def _take(self, frame: Frame, at: float) -> None:
        if frame.first <= self._last:
            self._crowd.errors["messages twice or out of order"] += 1
        self._last = frame.last
        self.received += len(frame.sent_at)
        frame.arrivals.append(at)
        self._crowd.count(len(frame.sent_at))

    def _take_apart(self, at: float) -> None:
        if not self._is_upgraded:
            head, end, rest = self._rest.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self._crowd.errors[head.partition(b"\r\n")[0].decode()] += 1
            self._is_upgraded, self._rest = True, rest
            self._crowd.welcome()
        while (size := _frame_size(self._rest)) and len(self._rest) >= sum(size):
            whole, self._rest = self._rest[: sum(size)], self._rest[sum(size) :]
            if whole[0] == _PING:
                assert self._transport
                self._transport.write(_PONG)
            elif (
                frame := self._crowd.frames[whole]
                if whole in self._crowd.frames
                else self._crowd.read(whole, whole[size[0] :])
            ):
                self._take(frame, at)


def _frame_size(data: bytes) -> tuple[int, int] | None:
    """Return the sizes of the head and of the payload in bytes, or ``None`` if the head is incomplete."""
    if len(data) < _SHORT_HEAD:
        return None
    head = _LONGER_HEADS.get(data[1], _SHORT_HEAD)
    return (head, int.from_bytes(data[_SHORT_HEAD:head] or data[1:2], "big")) if len(data) >= head else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a crowd, and print its findings as JSON."""
    return run_load_process(__doc__, Plan, lambda plan: Crowd(plan).run(), arguments)


if __name__ == "__main__":
    sys.exit(main())
