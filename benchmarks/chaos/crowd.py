"""The viewers of all channels, in one process: ``python -m benchmarks.chaos.crowd``, until SIGTERM.

All of them read the chat. Some also watch: in real time, or low-latency HLS.
"""

import asyncio
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import viewers
from benchmarks.chaos.viewers import ChatReader, HlsViewer, RealtimeViewer
from benchmarks.load_process import run_load_process
from tests.rig.conditions import until

ARRIVING_A_SECOND = 50
CONNECTED = "all viewers have connected"
"""Line that the process prints when every viewer has connected."""
LATE_SECONDS = 3.0
"""Maximum age of the newest picture of a viewer at the end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of the crowd."""

    port: int
    channels: str
    """Ids of the channels, separated by commas. Viewers are distributed evenly."""
    live_dir: Path
    """Folder of the low-latency video."""
    viewers: int
    realtime: int
    """Number of viewers who also watch in real time."""
    hls: int
    """Number of viewers who also watch low-latency HLS."""


async def run(plan: Plan) -> dict[str, object]:
    """Watch until SIGTERM, and return what the viewers received."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    channels = plan.channels.split(",")
    readers = [(channel := channels[i % len(channels)], ChatReader(plan.port, channel)) for i in range(plan.viewers)]
    watching = [RealtimeViewer(plan.port, channels[i % len(channels)]) for i in range(plan.realtime)]
    playing = [HlsViewer(_hls_crowd(plan, channels[i % len(channels)])) for i in range(plan.hls)]
    tasks: list[asyncio.Task[None]] = []
    for viewer in [*(reader for _, reader in readers), *watching, *playing]:
        tasks.append(asyncio.create_task(viewer.watch()))
        await asyncio.sleep(1 / ARRIVING_A_SECOND)  # viewers come one after another, as they do on a site
    await until(lambda: all(reader.connections for _, reader in readers), "all viewers had connected", 120)
    print(CONNECTED, flush=True)
    await stop.wait()
    began = time.monotonic() - LATE_SECONDS
    stopped = sum(not viewer.arrivals.times or viewer.arrivals.times[-1] < began for viewer in [*watching, *playing])
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "chat": {channel: _chat_of([reader for its, reader in readers if its == channel]) for channel in channels},
        "stopped": stopped,
        "connections": sum(viewer.connections for viewer in [*(r for _, r in readers), *watching, *playing]),
    }


def _hls_crowd(plan: Plan, channel_id: str) -> viewers.Crowd:
    path = f"/ll/{channel_id}/source"
    return viewers.Crowd(viewers.Plan(plan.port, path, plan.live_dir / path.lstrip("/"), 1, 0.0, 0.0))


def _chat_of(readers: Sequence[ChatReader]) -> dict[str, object]:
    """Return what the readers of one channel received."""
    known: Counter[str] = Counter()
    for reader in readers:
        known.update(reader.received.keys())
    deleted = {message_id for reader in readers for message_id in reader.deleted}
    whole = [reader for reader in readers if not reader.restarts]
    return {
        "received": list(known),
        "deleted": list(deleted),
        "missed": sum(len(known.keys() - reader.received.keys() - deleted) for reader in whole),
        "twice": sum(times - 1 for reader in readers for times in reader.received.values()),
        "restarts": sum(reader.restarts for reader in readers),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the crowd, and print its findings as JSON."""
    return run_load_process(__doc__, Plan, run, arguments)


if __name__ == "__main__":
    sys.exit(main())
