"""Promises of the SQLite store about its file."""

import asyncio
import sqlite3
import stat
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest

from streaming_app.backend.adapters.sqlite import database, open_store
from streaming_app.backend.adapters.sqlite.database import open_database
from streaming_app.backend.adapters.sqlite.migrations import STEPS
from streaming_app.backend.adapters.sqlite.rows import to_milliseconds
from streaming_app.backend.errors import NotFoundError, SetupError, TakenError
from streaming_app.backend.streams.model import Latency
from tests.contract.stores.samples import ANN, CHANNEL, MESSAGE, NOW, SESSION, STREAM, user
from tests.rig.conditions import until

ROOT = Path(__file__).parents[3]

INSERT_CHANNEL = (
    "INSERT INTO channels VALUES ('c-ann', 'u-ann', 'ann', 'ann', 'Ann', 'Ann''s stream', 'Music', 'k-ann',"
    " x'00ff7365616c6564', ?)"
)
"""Inserts ``CHANNEL`` into a file of the first version."""

WRITE_FOR_EVER = """
import asyncio, itertools, sys
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.streams.model import Latency
from tests.contract.stores.samples import message, user

async def main():
    async with open_store(sys.argv[1]) as store:
        for n in itertools.count():
            await asyncio.gather(store.users.add(user(f"user{n}")), store.chat_archive.add([message(n)]))
            print(n, flush=True)

asyncio.run(main())
"""


async def test_acknowledged_writes_survive_sigkill(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITE_FOR_EVER, str(path), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert writer.stdout
    acknowledged: list[int] = []
    async with asyncio.timeout(30):
        while len(acknowledged) < 200:
            acknowledged.append(int(await writer.stdout.readline()))
        writer.kill()
        acknowledged += [int(line) for line in (await writer.stdout.read()).splitlines(keepends=True) if b"\n" in line]
        await writer.wait()

    async with open_store(path) as store:
        for n in acknowledged:
            assert (await store.users.get(f"u-user{n}")).username == f"user{n}"
        archived = [m.position for m in await store.chat_archive.after("c-ann", -1, 100_000)]
    assert archived[: len(acknowledged)] == acknowledged
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


async def test_data_is_kept_when_the_file_is_reopened(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "streaming.sqlite3"
    async with open_store(path) as store:
        await store.users.add(ANN)
        await store.sessions.add(SESSION)
        await store.channels.add(CHANNEL)
        await store.streams.add(STREAM)
        await store.chat_archive.add([MESSAGE])

    async with open_store(path) as store:
        assert await store.users.get("u-ann") == ANN
        assert await store.sessions.get_with_user("s-1", NOW) == (SESSION, ANN)
        assert await store.channels.get("c-ann") == CHANNEL
        assert await store.streams.all_open() == [STREAM]
        assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_two_processes_can_open_a_new_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"

    async def write(name: str) -> None:
        async with open_store(path) as store:
            await store.users.add(user(name))

    await asyncio.gather(*(write(f"user{n}") for n in range(5)))

    async with open_store(path) as store:
        for n in range(5):
            assert (await store.users.get(f"u-user{n}")).username == f"user{n}"


async def test_opening_waits_for_another_process_that_creates_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "streaming.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        waits: list[float] = []

        def wait(seconds: float) -> None:
            waits.append(seconds)
            other.execute("COMMIT")

        monkeypatch.setattr(database, "sleep", wait)
        async with open_store(path) as store:
            await store.users.add(user("ann"))

    assert len(waits) == 1


async def test_a_commit_is_synced_to_disk(tmp_path: Path) -> None:
    async with open_database(tmp_path / "streaming.sqlite3") as database:
        synchronous = await database.transact(lambda c: c.execute("PRAGMA synchronous").fetchone()[0])
        journal = await database.rows("PRAGMA journal_mode")

    assert synchronous == 2, "FULL"
    assert journal[0][0] == "wal"


async def test_an_unsynced_commit_is_written_soon_and_the_next_commit_is_synced(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"

    def insert(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO tickets (ticket_hash, user_id, expires_at) VALUES ('t-1', 'u-ann', 1)")
        return connection.execute("PRAGMA synchronous").fetchone()[0]

    async with open_database(path) as database:
        assert await database.transact(insert, synced=False) == 1, "NORMAL"
        assert await database.transact(lambda c: c.execute("PRAGMA synchronous").fetchone()[0]) == 2, "FULL"

        await until(lambda: b"t-1" in path.read_bytes(), "the journal was brought into the file, and synced before")


async def test_reads_do_not_wait_for_a_write(tmp_path: Path) -> None:
    release = threading.Event()
    async with open_database(tmp_path / "streaming.sqlite3") as database, asyncio.timeout(10):
        held = asyncio.create_task(database.transact(lambda _: release.wait(10)))

        assert await database.rows("SELECT * FROM users") == []

        assert not held.done()
        release.set()
        assert await held


async def test_a_failed_transaction_is_rolled_back_and_the_next_one_works(tmp_path: Path) -> None:
    def fail_midway(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO tickets (ticket_hash, user_id, expires_at) VALUES ('t-1', 'u-ann', 1)")
        connection.execute("INSERT INTO tickets (ticket_hash, user_id, expires_at) VALUES ('t-1', 'u-ann', 1)")

    async with open_database(tmp_path / "streaming.sqlite3") as database:
        with pytest.raises(sqlite3.IntegrityError):
            await database.transact(fail_midway)

        assert await database.rows("SELECT * FROM tickets") == []
        assert (
            await database.write("INSERT INTO tickets (ticket_hash, user_id, expires_at) VALUES ('t-2', 'u-ann', 1)")
            == 1
        )


async def test_expired_sessions_and_tickets_are_deleted(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    async with open_database(path) as database:
        await database.write(
            "INSERT INTO sessions (session_id, user_id, created_at, expires_at) VALUES ('old', 'u-ann', 1, 2)"
        )
        await database.write("INSERT INTO tickets (ticket_hash, user_id, expires_at) VALUES ('old', 'u-ann', 2)")

    async with open_store(path) as store:
        await store.sessions.add(SESSION)
        with pytest.raises(NotFoundError):
            await store.tickets.take("old", NOW)

    async with open_database(path) as database:
        assert [row["session_id"] for row in await database.rows("SELECT * FROM sessions")] == ["s-1"]
        assert await database.rows("SELECT * FROM tickets") == []


async def test_the_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    async with open_store(path) as store:
        await store.users.add(ANN)

        modes = _modes_of_files_in(tmp_path)

    assert set(modes) == {"streaming.sqlite3", "streaming.sqlite3-wal", "streaming.sqlite3-shm"}
    assert set(modes.values()) == {0o600}


async def test_a_file_of_the_first_version_is_migrated_with_its_data(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    connection = sqlite3.connect(path)
    for statement in STEPS[0]:
        connection.execute(statement)
    connection.execute(INSERT_CHANNEL, (to_milliseconds(NOW),))
    connection.execute(
        "INSERT INTO users VALUES ('u-ann', 'Ann', 'ann', 'Ann@Example.com', 'ann@example.com', '$2b$12$hash', ?, 0)",
        (to_milliseconds(NOW),),
    )
    connection.execute(
        "INSERT INTO chat_messages VALUES ('m-1', 'c-ann', 'u-ann', 'Ann', 'hello', ?, 1)", (to_milliseconds(NOW),)
    )
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()

    async with open_store(path) as store:
        assert await store.channels.get("c-ann") == CHANNEL
        assert await store.users.get("u-ann") == ANN
        assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_channels_with_the_former_name_of_the_shortest_delay_use_real_time(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    has_latency = 1 + next(number for number, step in enumerate(STEPS) if "latency" in str(step))
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        connection.execute(INSERT_CHANNEL, (to_milliseconds(NOW),))
        for statement in chain.from_iterable(STEPS[1:has_latency]):
            connection.execute(statement)
        connection.execute("UPDATE channels SET latency = 'ultra'")
        connection.execute(f"PRAGMA user_version = {has_latency}")

    async with open_store(path) as store:
        assert await store.channels.get("c-ann") == replace(CHANNEL, latency=Latency.REALTIME)


async def test_of_old_accounts_whose_names_look_alike_the_oldest_one_protects_its_name(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in STEPS[0]:
            connection.execute(statement)
        for age, name in enumerate(("Alice", "A1ice", "AL_ICE", "Bob")):
            values = (f"u-{name}", name, name.lower(), name, name, to_milliseconds(NOW) + age)
            connection.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?, 'hash', ?, 0)", values)
        connection.execute("PRAGMA user_version = 1")

    async with open_store(path) as store:
        assert (await store.users.get("u-A1ice")).username == "A1ice"
        for name in ("al-ice", "B0B"):
            with pytest.raises(TakenError):
                await store.users.check_free(name, "other@example.com")
    with closing(sqlite3.connect(path)) as connection:
        kept = connection.execute("SELECT user_id FROM users WHERE username_skeleton IS NOT NULL ORDER BY created_at")
        assert kept.fetchall() == [("u-Alice",), ("u-Bob",)]


async def test_a_file_of_a_newer_version_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    connection.close()

    with pytest.raises(SetupError, match="newer version of this program"):
        async with open_store(path):
            pass


async def test_a_file_that_is_not_a_database_is_reported_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    path.write_text("this is a shopping list " * 50)

    with pytest.raises(SetupError, match=r"^The database .*streaming.sqlite3 cannot be used: file is not a database.$"):
        async with open_store(path):
            pass
    assert path.read_text().startswith("this is a shopping list")


async def test_a_folder_in_place_of_the_file_is_reported_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"^The database .* cannot be used: unable to open database file.$"):
        async with open_store(tmp_path):
            pass


async def test_a_file_in_place_of_the_data_folder_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(SetupError, match=r"^The database .* cannot be used: .*data"):
        async with open_store(tmp_path / "data" / "streaming.sqlite3"):
            pass


def _modes_of_files_in(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_a_sign_in_while_the_clock_is_weeks_ahead_ends_no_session(tmp_path: Path) -> None:
    async with open_store(tmp_path / "streaming.sqlite3") as store:
        await store.users.add(ANN)
        await store.sessions.add(SESSION)
        ahead = SESSION.expires_at + timedelta(days=40)
        await store.sessions.add(replace(SESSION, session_id="s-2", created_at=ahead, expires_at=ahead))

        assert await store.sessions.get_with_user(SESSION.session_id, NOW) == (SESSION, ANN)
