"""The worker that writes events and log lines to Parquet files, as a process, on a real Kafka."""

import asyncio
import itertools
import logging
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from streaming_app.backend.adapters.log_publishing import publishing_log
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.events import ChatMessageSent
from streaming_app.backend.request_ids import working_on
from tests.rig.conditions import until_async
from tests.rig.log_archive import rows_in
from tests.workers.conftest import ROOT, Start

log = logging.getLogger("streaming_app.tests")

REQUEST_ID = "7f3a0c55d2e14b7c8a90c1d2e3f40516"
"""The id in the documentation."""
OFTEN = {"LOG_SINK_INTERVAL": "0.3"}


def logs(environment: dict[str, str]) -> Path:
    return Path(environment["DATA_DIR"]) / "logs"


async def ids_in(folder: Path) -> list[str]:
    rows = await asyncio.to_thread(rows_in, folder / "events")
    return [row["event_id"] for row in rows if row["type"] == "ChatMessageSent"]


async def until_written(folder: Path, at_least: int) -> None:
    async def is_written() -> bool:
        return len(await ids_in(folder)) >= at_least

    await until_async(is_written, f"{at_least} events were written", 60)


async def test_a_killed_sink_loses_and_doubles_nothing(
    backend: Backend, start: Start, environment: dict[str, str]
) -> None:
    folder, numbers, published = logs(environment), itertools.count(), list[str]()

    async def say(channel_id: str) -> None:
        while True:
            text = f"a text {next(numbers)}"
            event = ChatMessageSent(
                at=datetime.now(UTC), channel_id=channel_id, user_id="u1", username="Ann", text=text
            )
            await backend.bus.publish(event)
            published.append(event.event_id)

    async with asyncio.TaskGroup() as people:
        talking = [people.create_task(say(channel_id)) for channel_id in ("c1", "c2", "c3", "c4")]
        for _ in range(2):
            sink = start("worker", "log-sink", **OFTEN)
            await until_written(folder, len(await ids_in(folder)) + 100)
            await asyncio.to_thread(sink.kill)
        for task in talking:
            task.cancel()
    sink = start("worker", "log-sink", **OFTEN)

    async def is_complete() -> bool:
        return set(published) <= set(await ids_in(folder))

    await until_async(is_complete, "all published events were written")
    await asyncio.to_thread(sink.stop)

    written = await ids_in(folder)
    assert len(written) == len(set(written))
    assert set(published) <= set(written)
    assert len(written) - len(published) <= len(talking)  # published, but not acknowledged when the talking stopped
    assert sink.exit_code == 0
    stored = str(await asyncio.to_thread(rows_in, folder))
    assert "a text" not in stored
    assert "Ann" not in stored


async def test_the_queries_in_the_documentation_find_chat_and_everything_about_a_request(
    backend: Backend, start: Start, environment: dict[str, str]
) -> None:
    folder = logs(environment)
    async with publishing_log("web", backend.settings, backend.bus):
        with working_on([REQUEST_ID]):
            for user_id in ("u1", "u2", "u1"):
                event = ChatMessageSent(
                    at=datetime.now(UTC), channel_id="c1", user_id=user_id, username="Ann", text="a text"
                )
                await backend.bus.publish(event)
            log.warning("A message of %s could not be shown", "Ann")
    start("worker", "log-sink", **OFTEN)
    await until_written(folder, 3)
    await until_async(partial(has_line, folder), "the line was written", 60)

    [chat, request] = [rows_of(query, folder) for query in documented_queries()]

    [of_chat] = chat
    assert (of_chat["channel_id"], of_chat["messages"], of_chat["chatters"]) == ("c1", 3, 2)
    assert sorted(row["what"] for row in request) == [  # some may have the same millisecond
        *["ChatMessageSent"] * 3,
        "web: A message of %s could not be shown",
    ]
    assert "Ann" not in str(rows_in(folder))


async def has_line(folder: Path) -> bool:
    return any(row["request_id"] == REQUEST_ID for row in await asyncio.to_thread(rows_in, folder / "lines"))


def documented_queries() -> list[str]:
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    return re.findall(r"^```sql\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def rows_of(query: str, folder: Path) -> list[dict[str, Any]]:
    """Run a query of the documentation on the files of this test."""
    with duckdb.connect() as database:
        answer = database.execute(query.replace("'data/logs/", f"'{folder}/"))
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
