"""One web process with nothing but chat: ``python -m benchmarks.chat_site``, started once or twice by chat_fanout.

The writers run in this process and call the chat service, as the state of the pages does. A control port receives
commands as lines of JSON. The answer is another line, sent after the last message was posted. On request each accepted
text is sent as a line of its own before the answer.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from benchmarks.control_port import open_control, run_with_control_port, write_line
from benchmarks.results import percentile
from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.logging_setup import set_up_logging
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.config import read_settings
from streaming_app.backend.errors import DomainError
from streaming_app.backend.feed.server import open_feed
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.workers.runner import run_embedded
from tests.rig.ports import HOST

SLOWEST_WRITER_SECONDS = 2.0
"""Minimum time between two messages of one writer, because the rate limit applies to each user."""
WORDS = "and then the dragon came back with a bigger axe"
"""Text that gives each message the length of a typical one."""


@dataclass(frozen=True, slots=True)
class Talk:
    """The messages to post. Times are seconds of the machine's monotonic clock."""

    channel_id: str
    rate: float
    """Messages a second."""
    begin_at: float
    count: int


@dataclass(frozen=True, slots=True)
class Findings:
    """The results of posting messages."""

    taken: int
    refusals: dict[str, int]
    """Number of refused messages, by error text."""
    p50_ms: float
    """Median time until the service accepted a message, in milliseconds."""


async def talk(backend: Backend, wanted: Talk, taken: Callable[[str], None]) -> Findings:
    """Post all messages, and call ``taken`` with each text that the service accepted."""
    writers = [await _newcomer(backend) for _ in range(max(1, round(wanted.rate * SLOWEST_WRITER_SECONDS)))]
    refusals: Counter[str] = Counter()
    seconds: list[float] = []

    async def post(number: int) -> None:
        sent_at = time.monotonic()
        text = f"{os.getpid()}-{number} {sent_at:.6f} {WORDS}"  # differs from the texts of other processes
        try:
            await backend.chat.post(wanted.channel_id, writers[number % len(writers)].user_id, text)
        except DomainError as refused:
            refusals[refused.public_message] += 1
        else:
            seconds.append(time.monotonic() - sent_at)
            taken(text)

    posts: list[asyncio.Task[None]] = []
    for number in range(wanted.count):
        await asyncio.sleep(wanted.begin_at + number / wanted.rate - time.monotonic())
        posts.append(asyncio.create_task(post(number)))
    await asyncio.gather(*posts)
    return Findings(len(seconds), dict(refusals), round(percentile(seconds or [-1.0], 0.5) * 1000, 1))


async def _newcomer(backend: Backend) -> User:
    unique = uuid4().hex
    user = User(unique, f"writer{unique[:12]}", f"{unique}@example.com", "", now())
    await backend.store.users.add(user)
    return user


async def _session(backend: Backend) -> str:
    """Register a user, and return the session cookie."""
    ticket = await backend.accounts.sessions.issue_ticket(await _newcomer(backend))
    return f"{SESSION_COOKIE}={(await backend.accounts.sessions.redeem(ticket)).token}"


async def _new_channel(backend: Backend, *, live: bool = False) -> str:
    """Create a channel and return its id. A ``live`` channel has a stream without a publisher."""
    channel = await backend.channels.get_or_create(await _newcomer(backend))
    if live:
        key = await backend.channels.stream_key(channel.owner_id)
        await backend.streams.start(channel.channel_id, key.partition("?key=")[2], Publisher("1", HOST, "benchmark"))
    return channel.channel_id


async def _answer(backend: Backend, wanted: dict[str, Any], writer: asyncio.StreamWriter) -> object:
    match wanted.pop("do"):
        case "create channel":
            return await _new_channel(backend, **wanted)
        case "set title":
            owner_id = (await backend.channels.get(wanted["channel_id"])).owner_id
            return (await backend.channels.set_title_and_category(owner_id, wanted["title"], "")).title
        case "sign in":
            return [await _session(backend) for _ in range(wanted["users"])]
        case "post messages":
            taken = partial(write_line, writer) if wanted.pop("reports", False) else _say_nothing
            return asdict(await talk(backend, Talk(**wanted), taken))
        case "count":
            return backend.audience.viewers(wanted["channel_id"])
        case "read archive":
            return [message.position for message in await backend.chat.recent(**wanted)]
        case what:
            message = f"Unknown command: {what}"
            raise ValueError(message)


def _say_nothing(_: object) -> None:
    pass


async def _run(control_port: int) -> None:
    async with (
        open_backend(read_settings()) as backend,
        run_embedded(backend),
        open_feed(backend),
        open_control(control_port, partial(_answer, backend)) as control,
    ):
        await control.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the process is ended."""
    set_up_logging()
    return run_with_control_port(__doc__, _run, arguments)


if __name__ == "__main__":
    sys.exit(main())
