"""The Parquet files of events and log lines: what they contain, and that failures lose and double nothing."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pydantic import BaseModel

from streaming_app.backend.adapters.kafka import StoredEvent
from streaming_app.backend.adapters.log_archive.parquet_files import ParquetFiles
from streaming_app.backend.adapters.log_archive.rows import row_of
from streaming_app.backend.events import CHAT_TOPIC, ChatMessageSent, Event, SessionRevoked
from tests.rig.event_recorder import message_sent, viewers_counted
from tests.rig.log_archive import rows_in
from tests.unit.test_events import GOLDEN

KEY = b"k" * 32
NIGHT = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)
OF_USERS = {
    *(
        "text",
        "title",
        "category",
        "username",
        "name",
        "slug",
        "reason",
        "address",
        "software",
        "user_id",
        "came",
        "went",
    ),
}
"""Fields of events that are about a person, or that a person wrote."""


def stored(event: Event, offset: int = 7, at: datetime = NIGHT, partition: int = 0) -> StoredEvent:
    return StoredEvent(event, event.topic, partition, offset, at, "r1")


def of_users(event: BaseModel) -> Iterator[str]:
    """Yield what a user wrote, or what names a user, in an event and in its parts."""
    for name, value in event:
        values: list[Any] = list(value) if isinstance(value, tuple) else [value]
        for each in values:
            if isinstance(each, BaseModel):
                yield from of_users(each)
            elif name in OF_USERS and each:
                yield str(each)


@pytest.mark.parametrize("event", [event for event, *_ in GOLDEN], ids=lambda event: event.type)
def test_a_row_contains_nothing_that_a_user_wrote_or_that_names_a_user(event: Event) -> None:
    row = row_of(stored(event), KEY)

    kept = {str(value) for value in row.values()}
    assert kept.isdisjoint(of_users(event))


def test_a_row_has_the_ids_and_numbers_of_its_event() -> None:
    event = ChatMessageSent(event_id="m1", at=NIGHT, channel_id="c1", user_id="u1", username="Ann", text="Привет")

    row = row_of(stored(event), KEY)

    assert {name: value for name, value in row.items() if value is not None and name != "user_hash"} == {
        "event_id": "m1",
        "time": NIGHT,
        "type": "ChatMessageSent",
        "channel_id": "c1",
        "role": "viewer",
        "text_length": 6,
        "request_id": "r1",
        "topic": CHAT_TOPIC,
        "partition": 0,
        "offset": 7,
        "appended_at": NIGHT,
    }


def test_users_have_the_same_pseudonym_everywhere_which_only_the_site_can_compute() -> None:
    said = row_of(stored(message_sent("hello")), KEY)
    left = row_of(stored(SessionRevoked(at=NIGHT, user_id="u1")), KEY)

    assert said["user_hash"] == left["user_hash"]
    assert said["user_hash"] != row_of(stored(message_sent("hello")), b"x" * 32)["user_hash"]


def test_files_are_in_folders_by_day_and_named_after_their_first_offset(tmp_path: Path) -> None:
    morning = NIGHT + timedelta(seconds=1)

    ParquetFiles(tmp_path / "logs", KEY).write(
        [stored(message_sent("a"), 5), stored(message_sent("b"), 6, morning), stored(message_sent("c"), 7, morning)]
    )

    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.*.*")) == [
        "logs/events/day=2026-11-29/streaming.chat.v1-0-00000000000000000005.parquet",
        "logs/events/day=2026-11-30/streaming.chat.v1-0-00000000000000000006.parquet",
    ]
    assert [row["offset"] for row in rows_in(tmp_path / "logs/events")] == [5, 6, 7]


@pytest.mark.parametrize("written_before", [1, 4, 9, 10])
@pytest.mark.parametrize("portion", [1, 3, 7, 10])
def test_events_that_are_written_again_in_other_portions_are_there_once(
    tmp_path: Path, written_before: int, portion: int
) -> None:
    """The process died after writing and before committing. Days alternate, as after a change of the broker's clock."""
    files = ParquetFiles(tmp_path, KEY)
    events = [stored(viewers_counted(n), n, NIGHT + timedelta(days=n // 2 % 3)) for n in range(10)]

    files.write(events[:written_before])
    for start in range(0, len(events), portion):
        files.write(events[start : start + portion])

    assert sorted(row["viewers"] for row in rows_in(tmp_path)) == list(range(10))


def test_partitions_and_topics_do_not_overwrite_each_other(tmp_path: Path) -> None:
    files = ParquetFiles(tmp_path, KEY)

    files.write([stored(message_sent("a")), stored(message_sent("b"), partition=1), stored(viewers_counted(1))])

    assert len(rows_in(tmp_path)) == 3


def test_old_days_and_unfinished_files_are_deleted(tmp_path: Path) -> None:
    files = ParquetFiles(tmp_path, KEY)
    for days in range(3):
        files.write([stored(message_sent("a"), days, NIGHT - timedelta(days=days))])
    unfinished = tmp_path / "events/day=2026-11-29/x.parquet.unfinished"
    unfinished.touch()

    files.delete_unfinished()
    files.delete_before(NIGHT - timedelta(days=1))

    assert not unfinished.exists()
    assert sorted(day.name for day in (tmp_path / "events").iterdir()) == ["day=2026-11-28", "day=2026-11-29"]


def test_a_file_that_cannot_be_written_is_an_error_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "events").write_text("in the way")

    with pytest.raises(OSError, match="events"):
        ParquetFiles(tmp_path, KEY).write([stored(message_sent("a"))])


def test_a_reader_sees_no_file_that_is_not_complete(tmp_path: Path) -> None:
    files = ParquetFiles(tmp_path, KEY)
    files.write([stored(message_sent("a"))])
    [file] = tmp_path.rglob("*.parquet")
    before = file.read_bytes()
    shutil.copy(file, file.with_name(file.name + ".unfinished"))

    assert len(rows_in(tmp_path)) == 1
    files.write([stored(message_sent("a")), stored(message_sent("b"), 8)])

    assert pq.read_table(file).num_rows == 2
    assert before != file.read_bytes()
