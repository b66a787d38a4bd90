"""Updates of SQLite files of every earlier schema, and the copies from before."""

import os
import sqlite3
import stat
from contextlib import closing
from itertools import chain
from pathlib import Path

import pytest

from streaming_app.backend.accounts.look_alike_names import skeleton
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.adapters.sqlite.database_copy import copy_database, describe
from streaming_app.backend.adapters.sqlite.migration_copies import COPIES_KEPT, copies_in
from streaming_app.backend.adapters.sqlite.migrations import STEPS
from streaming_app.backend.adapters.sqlite.rows import to_milliseconds
from streaming_app.backend.errors import NotFoundError, SetupError
from tests.contract.stores.samples import ANN, NOW, user

NEWEST = len(STEPS)


def make_file(path: Path, version: int) -> None:
    """Create a database as the program with this schema had it, with one user."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.create_function("skeleton_of", 1, skeleton, deterministic=True)
        for statement in STEPS[0]:
            connection.execute(statement)
        values = ("u-ann", "Ann", "ann", "Ann@Example.com", "ann@example.com", "$2b$12$hash", to_milliseconds(NOW))
        connection.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, 0)", values)
        for statement in chain.from_iterable(STEPS[1:version]):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize("version", range(1, NEWEST))
async def test_each_schema_is_updated_and_the_file_before_is_kept(tmp_path: Path, version: int) -> None:
    path = tmp_path / "data" / "streaming.sqlite3"
    make_file(path, version)

    async with open_store(path) as store:
        assert (await store.users.get("u-ann")).email == ANN.email

    [copy] = copies_in(path.parent / "backups")
    assert copy.name == f"before-schema-{NEWEST}.sqlite3"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    kept = describe(copy)
    assert (kept.schema_version, kept.records["users"]) == (version, 1)


@pytest.mark.parametrize("version", range(1, NEWEST + 1))
def test_a_site_of_each_schema_can_be_backed_up_before_its_update(tmp_path: Path, version: int) -> None:
    make_file(tmp_path / "old.sqlite3", version)

    copied = copy_database(tmp_path / "old.sqlite3", tmp_path / "copy.sqlite3")

    assert (copied.schema_version, copied.records["users"]) == (version, 1)


async def test_a_kept_file_is_used_again_by_the_program_from_before(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    make_file(path, NEWEST - 1)
    async with open_store(path) as store:
        await store.users.add(user("later"))
    [copy] = copies_in(tmp_path / "backups")

    copy.rename(path)
    assert not path.with_name("streaming.sqlite3-wal").exists(), "the store was closed"

    async with open_store(path) as store:
        assert (await store.users.get("u-ann")).email == ANN.email
        with pytest.raises(NotFoundError):
            await store.users.get("u-later")


async def test_what_is_only_in_the_write_ahead_log_is_in_the_copy(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    make_file(path, NEWEST - 1)
    with closing(sqlite3.connect(path)) as other_process:
        other_process.execute("PRAGMA journal_mode = WAL")
        with other_process:
            other_process.execute("INSERT INTO tickets (ticket_hash, user_id, expires_at) VALUES ('t-1', 'u-ann', 1)")
        async with open_store(path):
            pass

    [copy] = copies_in(tmp_path / "backups")
    assert describe(copy).records["tickets"] == 1


async def test_no_copy_is_made_of_a_new_or_a_current_file(tmp_path: Path) -> None:
    for _ in range(2):
        async with open_store(tmp_path / "streaming.sqlite3"):
            pass

    assert not (tmp_path / "backups").exists()


async def test_the_last_copies_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for number in range(5):
        old = folder / f"before-schema-{number}.sqlite3"
        old.touch()
        os.utime(old, (number, number))
    (folder / f"before-schema-{NEWEST}.sqlite3.part").write_text("a copy whose process was killed")
    make_file(tmp_path / "streaming.sqlite3", NEWEST - 1)

    async with open_store(tmp_path / "streaming.sqlite3"):
        pass

    names = [file.name for file in copies_in(folder)]
    assert names == [f"before-schema-{number}.sqlite3" for number in (NEWEST, 4, 3)]
    assert len(names) == COPIES_KEPT
    assert not list(folder.glob("*.part*"))


async def test_files_of_others_in_the_folder_of_the_copies_stay(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    (folder / "before-schema-0.sqlite3.parts").mkdir(parents=True)
    (folder / "film.part1.rar").touch()
    make_file(tmp_path / "streaming.sqlite3", NEWEST - 1)

    async with open_store(tmp_path / "streaming.sqlite3"):
        pass

    names = {file.name for file in folder.iterdir()}
    assert names == {"before-schema-0.sqlite3.parts", "film.part1.rar", f"before-schema-{NEWEST}.sqlite3"}


async def test_without_a_copy_the_schema_is_not_updated(tmp_path: Path) -> None:
    path = tmp_path / "streaming.sqlite3"
    make_file(path, NEWEST - 1)
    (tmp_path / "backups").write_text("no folder")

    with pytest.raises(SetupError, match="its schema is not updated, because there can be no copy") as refused:
        async with open_store(path):
            pass

    assert "\n" not in str(refused.value)
    assert describe(path).schema_version == NEWEST - 1
