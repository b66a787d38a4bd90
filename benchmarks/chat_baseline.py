"""The baseline of chat_fanout: picows alone, with the same control port as ``benchmarks.chat_site``.

Each message is sent at once to every reader. There is no service, archive or bus, and no handling of slow readers. Its
cost is that of the machine and of the websocket library. Any cost beyond it is the site's own.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from picows import WSListener, WSMsgType, WSTransport, ws_create_server

from benchmarks.chat_site import WORDS
from benchmarks.control_port import open_control, run_with_control_port
from streaming_app.backend.config import read_settings
from streaming_app.backend.feed.frames import HEADROOM
from streaming_app.backend.feed.sockets import open_listeners
from streaming_app.backend.websockets import BACKLOG


class Baseline:
    """All readers, and the number of messages sent."""

    def __init__(self) -> None:
        self.readers: list[WSTransport] = []
        self.said = 0

    async def talk(self, rate: float, begin_at: float, count: int) -> dict[str, object]:
        """Send all messages, and return the same fields as ``chat_site.Findings``."""
        for number in range(count):
            await asyncio.sleep(begin_at + number / rate - time.monotonic())
            self._say(f"{number} {time.monotonic():.6f} {WORDS}")
        return {"taken": count, "refusals": {}, "p50_ms": 0.0}

    def _say(self, text: str) -> None:
        self.said += 1
        message = {"id": f"{self.said:032}", "cursor": str(10**18 + self.said), "name": "writer", "text": text}
        frame = bytearray(HEADROOM) + json.dumps({"type": "messages", "messages": [message]}).encode()
        for reader in self.readers:
            reader.send_reuse_external_bytearray(WSMsgType.TEXT, frame, HEADROOM)

    async def answer(self, wanted: dict[str, Any], _: asyncio.StreamWriter) -> object:
        """Run a command of the control port."""
        match wanted["do"]:
            case "post messages":
                return await self.talk(wanted["rate"], wanted["begin_at"], wanted["count"])
            case "read archive":
                return list(range(self.said))
            case _:
                return "everyone"


class Reader(WSListener):
    """One reader's connection."""

    def __init__(self, baseline: Baseline) -> None:
        self._baseline = baseline

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Add the reader, and send the welcome frame."""
        self._baseline.readers.append(transport)
        transport.send(WSMsgType.TEXT, b'{"type":"welcome"}')

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Remove the reader."""
        self._baseline.readers.remove(transport)


async def _run(control_port: int) -> None:
    baseline = Baseline()
    for listener in open_listeners(read_settings()):
        await ws_create_server(lambda _: Reader(baseline), sock=listener, backlog=BACKLOG, use_aiofastnet=True)
    async with open_control(control_port, baseline.answer) as control:
        await control.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the process is ended."""
    return run_with_control_port(__doc__, _run, arguments)


if __name__ == "__main__":
    sys.exit(main())
