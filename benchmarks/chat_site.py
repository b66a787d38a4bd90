"""One web process with nothing but chat: ``python -m benchmarks.chat_site``, which chat_fanout starts, maybe twice.

The people who write are in it too, and call the chat service as the pages' state does. What they are to say comes as a
line of JSON on a port of its own; the answer, another line, comes when everything is said.
"""

import argparse
import asyncio
import gc
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import uuid4

import uvloop

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.logs import set_up_logging
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.config import read_settings
from streaming_app.backend.errors import DomainError
from streaming_app.backend.feed.server import open_feed
from streaming_app.backend.workers.runner import run_embedded
from tests.rig.ports import HOST

SLOWEST_WRITER_SECONDS = 2.0
"""Nobody writes more often than this: the rate limit is meant for single people."""
WORDS = "and then the dragon came back with a bigger axe"
"""What makes each message as long as most are."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What is to be said; instants are of the machine's monotonic clock."""

    channel_id: str
    rate: float
    """Messages a second."""
    begin_at: float
    count: int


async def talk(backend: Backend, wanted: Talk) -> dict[str, int]:
    """Say it all; how many messages were taken, and how many were refused with which words."""
    writers = [await _newcomer(backend) for _ in range(round(wanted.rate * SLOWEST_WRITER_SECONDS))]
    outcomes: Counter[str] = Counter()

    async def post(number: int) -> None:
        text = f"{number} {time.monotonic():.6f} {WORDS}"
        try:
            await backend.chat.post(wanted.channel_id, writers[number % len(writers)].user_id, text)
        except DomainError as refused:
            outcomes[refused.public_message] += 1
        else:
            outcomes["taken"] += 1

    posts: list[asyncio.Task[None]] = []
    for number in range(wanted.count):
        await asyncio.sleep(wanted.begin_at + number / wanted.rate - time.monotonic())
        posts.append(asyncio.create_task(post(number)))
    await asyncio.gather(*posts)
    return outcomes


async def _newcomer(backend: Backend) -> User:
    unique = uuid4().hex
    user = User(unique, f"writer{unique[:12]}", f"{unique}@example.com", "", now())
    await backend.store.users.add(user)
    return user


async def _answer(backend: Backend, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    line = await reader.readline()
    if not line:  # somebody who only looked whether the port is open
        writer.close()
        return
    wanted = json.loads(line)
    match wanted.pop("do"):
        case "make a channel":
            answer: object = (await backend.channels.of_owner(await _newcomer(backend))).channel_id
        case "talk":
            answer = await talk(backend, Talk(**wanted))
        case _:
            answer = [message.position for message in await backend.chat.recent(**wanted)]
    writer.write(json.dumps(answer).encode() + b"\n")
    await writer.drain()
    writer.close()


async def _run(control_port: int) -> None:
    async with open_backend(read_settings()) as backend, run_embedded(backend), open_feed(backend):
        server = await asyncio.start_server(partial(_answer, backend), HOST, control_port)
        gc.collect()
        async with server:
            await server.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Be the process until it is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--control-port", type=int, required=True)
    set_up_logging()
    uvloop.run(_run(parser.parse_args(arguments).control_port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
