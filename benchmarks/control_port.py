"""A control port: each connection sends one command as a line of JSON and gets a line of JSON as the answer."""

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
"""Runs a command and returns the answer. It may write other lines before the answer."""


@asynccontextmanager
async def open_control(port: int, answer: Answer) -> AsyncGenerator[asyncio.Server]:
    """Answer commands on ``port`` while the block runs. Returns the process's free memory to the system first."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if line := await reader.readline():  # an empty line is a check whether the port is open
            write_line(writer, await answer(json.loads(line), writer))
            await writer.drain()
        writer.close()

    _return_free_memory()
    async with await asyncio.start_server(serve, HOST, port) as server:
        yield server


def write_line(writer: asyncio.StreamWriter, content: object) -> None:
    """Write one value as a line of JSON."""
    writer.write(json.dumps(content).encode() + b"\n")


def _return_free_memory() -> None:
    """Return free memory to the system; otherwise the first viewers use it and seem to need no memory."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


def run_with_control_port(
    description: str | None, run: Callable[[int], Coroutine[Any, Any, None]], arguments: Sequence[str] | None
) -> int:
    """Call ``run`` with the control port of the command line, until the process is ended."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--control-port", type=int, required=True)
    uvloop.run(run(parser.parse_args(arguments).control_port))
    return 0
