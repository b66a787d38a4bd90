"""Being told what to do: lines of JSON on a port, each on a connection of its own, and a line of JSON for an answer."""

import argparse
import asyncio
import ctypes
import gc
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvloop

from tests.rig.ports import HOST

Answer = Callable[[dict[str, Any], asyncio.StreamWriter], Awaitable[object]]
"""Does what is wanted, and may write lines of its own before the answer."""


@asynccontextmanager
async def open_control(port: int, answer: Answer) -> AsyncGenerator[asyncio.Server]:
    """Answer on ``port`` for as long as the block lasts, by a process that holds no more memory than it uses."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line := await reader.readline():  # else somebody who only looked whether the port is open
            write_line(writer, await answer(json.loads(line), writer))
            await writer.drain()
        writer.close()

    _return_free_memory()
    async with await asyncio.start_server(serve, HOST, port) as server:
        yield server


def write_line(writer: asyncio.StreamWriter, content: object) -> None:
    """Say one thing."""
    writer.write(json.dumps(content).encode() + b"\n")


def _return_free_memory() -> None:
    """Give what the start left behind back to the system: else the first viewers fill it, and seem to cost nothing."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def be_controlled(
    description: str | None, run: Callable[[int], Coroutine[Any, Any, None]], arguments: Sequence[str] | None
) -> int:
    """``run`` with the control port of the command line, until the process is ended."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--control-port", type=int, required=True)
    uvloop.run(run(parser.parse_args(arguments).control_port))
    return 0
