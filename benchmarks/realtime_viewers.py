"""A crowd of real-time viewers, in one process: ``python -m benchmarks.realtime_viewers``, run by benchmarks.origin.

Each viewer has one websocket and records when each video frame arrives. Nothing is decoded.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from benchmarks.load_process import run_load_process
from benchmarks.viewers import CALM_SECONDS, TAIL_SECONDS
from streaming_app.backend.media.frame_fragments import MessageKind
from tests.rig.ports import HOST

TAIL_BYTES = 16
"""Number of bytes at the end of a frame that are compared with the frames that nginx sent."""
DECODING_TIME = slice(61, 69)
"""Where the ``tfdt`` box of a message has the decoding time of the frame."""
MESSAGE_MAX_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a crowd. Times are Unix times."""

    port: int
    path: str
    viewers: int
    begin_at: float
    """Time at which all viewers must be connected and counting starts."""
    end_at: float


@dataclass(slots=True)
class FrameArrivals:
    """When one video frame arrived."""

    tail: bytes
    first_at: float
    later_ms: Counter[int] = field(default_factory=Counter[int])
    """Number of viewers by the time after the first one."""


class Crowd:
    """All viewers of one process, and their findings."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.errors: Counter[str] = Counter()
        self.messages = 0
        self.bytes = 0
        self.is_over = False
        self._frames: dict[int, FrameArrivals] = {}
        """By decoding time, in ticks."""

    def arrived(self, message: memoryview) -> None:
        """Record that a viewer has received a video frame."""
        now = time.time()
        decoding_time = int.from_bytes(message[DECODING_TIME])
        arrivals = self._frames.get(decoding_time)
        if arrivals is None:
            arrivals = self._frames[decoding_time] = FrameArrivals(bytes(message[-TAIL_BYTES:]), now)
        arrivals.later_ms[round((now - arrivals.first_at) * 1000)] += 1

    async def run(self) -> dict[str, object]:
        """Connect the viewers one after another, watch, disconnect them, and return the findings."""
        coming_seconds = self.plan.begin_at - CALM_SECONDS - time.time()
        coming = [
            asyncio.create_task(self._connect(coming_seconds * index / self.plan.viewers))
            for index in range(self.plan.viewers)
        ]
        await asyncio.sleep(self.plan.begin_at - time.time())
        if late := sum(not task.done() for task in coming):
            self.errors["not there in time"] = late
        cpu_before, messages, received = time.process_time(), self.messages, self.bytes
        await asyncio.sleep(self.plan.end_at - time.time())
        cpu_seconds = time.process_time() - cpu_before
        messages, received = self.messages - messages, self.bytes - received
        self.is_over = True
        for transport in await asyncio.gather(*coming):
            if transport:
                transport.disconnect()
        counted = [
            frame
            for frame in self._frames.values()
            if self.plan.begin_at <= frame.first_at <= self.plan.end_at - TAIL_SECONDS
        ]
        return {
            "frames": [(frame.tail.hex(), frame.first_at, frame.later_ms) for frame in counted],
            "missed": sum(self.plan.viewers - frame.later_ms.total() for frame in counted),
            "errors": self.errors,
            "messages": messages,
            "bytes": received,
            "cpu_seconds": cpu_seconds,
        }

    async def _connect(self, after_seconds: float) -> WSTransport | None:
        await asyncio.sleep(after_seconds)
        url = f"ws://{HOST}:{self.plan.port}{self.plan.path}"
        try:
            transport, _ = await ws_connect(lambda: Viewer(self), url, max_frame_size=MESSAGE_MAX_BYTES)
        except (OSError, WSError) as refused:
            self.errors[type(refused).__name__] += 1
            return None
        return transport


class Viewer(WSListener):
    """One viewer."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.BINARY:
            message = frame.get_payload_as_memoryview()
            self._crowd.messages += 1
            self._crowd.bytes += len(message)
            if message[0] in {MessageKind.KEYFRAME, MessageKind.VIDEO}:
                self._crowd.arrived(message)
        elif frame.msg_type == WSMsgType.CLOSE:
            self._crowd.errors[f"closed: {frame.get_close_message()!r}"] += 1
            transport.disconnect()

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows calls it by this name
        if not self._crowd.is_over:
            self._crowd.errors["connection lost"] += 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a crowd, and print its findings as JSON."""
    return run_load_process(__doc__, Plan, lambda plan: Crowd(plan).run(), arguments)


if __name__ == "__main__":
    sys.exit(main())
