"""What a backup and a restore refuse, before they write anything."""

import errno
import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo import MongoClient

from streaming_app.backend.adapters.file_lock import WEB_LOCK, lock_file
from streaming_app.backend.adapters.site_secret import KEY_FILE
from streaming_app.backend.backups.backup import back_up
from streaming_app.backend.backups.manifest import MANIFEST
from streaming_app.backend.backups.restore import restore
from streaming_app.backend.backups.unfinished_folder import unfinished_folder
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from tests.backups.conftest import KEY, NewSettings, Site, tree
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.samples import user

Damage = Callable[[Path], None]

on_sqlite = pytest.mark.parametrize("new_settings", ["sqlite"], indirect=True)


def truncate(path: str) -> Damage:
    def damage(backup: Path) -> None:
        file = next(backup.glob(path))
        os.truncate(file, file.stat().st_size // 2)

    return damage


def change_one_byte(path: str) -> Damage:
    def damage(backup: Path) -> None:
        file = next(backup.glob(path))
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)

    return damage


def delete(path: str) -> Damage:
    return lambda backup: next(backup.glob(path)).unlink()


def edit_manifest(**values: object) -> Damage:
    def damage(backup: Path) -> None:
        manifest = json.loads((backup / MANIFEST).read_text())
        (backup / MANIFEST).write_text(json.dumps({**manifest, **values}))

    return damage


DAMAGES = [
    (change_one_byte("store/*"), "is damaged: store/"),
    (truncate("store/*"), "is damaged: store/"),
    (change_one_byte("recordings/*/*.m4s"), "is damaged: recordings/"),
    (delete("recordings/*/init-*.mp4"), "is damaged: recordings/"),
    (delete("store/*"), "is damaged: store/"),
    (truncate("SHA256SUMS"), "is damaged: SHA256SUMS has changed"),
    (delete("SHA256SUMS"), "is not a complete backup"),
    (truncate(MANIFEST), f"is damaged: {MANIFEST} is not readable"),
    (delete(MANIFEST), "is not a complete backup"),
    (edit_manifest(format_version=2), "was made by another version"),
]


@on_sqlite
async def test_a_damaged_backup_is_refused(site: Site, new_settings: NewSettings, target: Path, tmp_path: Path) -> None:
    await site.back_up(target)
    for number, (damage, line) in enumerate(DAMAGES):
        damaged = tmp_path / f"damaged-{number}"
        shutil.copytree(target, damaged)
        damage(damaged)
        await is_refused(new_settings(f"new-{number}"), damaged, line)


@on_sqlite
async def test_a_backup_that_cannot_be_read_is_refused(site: Site, new_settings: NewSettings, target: Path) -> None:
    """Root may read the files of all users, so a folder causes the error here."""
    await site.back_up(target)
    (target / MANIFEST).unlink()
    (target / MANIFEST).mkdir()

    await is_refused(new_settings("new"), target, f"cannot be restored: [Errno {errno.EISDIR}]")


async def test_a_backup_of_a_newer_schema_is_refused(site: Site, new_settings: NewSettings, target: Path) -> None:
    await site.back_up(target)
    edit_manifest(schema_version=1_000)(target)

    await is_refused(new_settings("new"), target, "made by a newer version")


async def test_a_site_with_data_is_not_replaced(site: Site, new_settings: NewSettings, target: Path) -> None:
    await site.back_up(target)
    settings = new_settings("new")
    async with open_backend(settings) as other:
        await other.store.users.add(user("ann"))
    (settings.data_dir / KEY_FILE).unlink(missing_ok=True)

    await is_refused(settings, target, "is not empty: it has")

    async with open_backend(settings) as other:
        await other.store.users.get("u-ann")


async def test_recordings_of_another_site_are_not_replaced(site: Site, new_settings: NewSettings, target: Path) -> None:
    await site.back_up(target)
    settings = new_settings("new")
    (settings.data_dir / "recordings" / "other").mkdir(parents=True)

    await is_refused(settings, target, "is not empty: it has recordings")


@on_sqlite
async def test_the_write_ahead_log_of_another_database_is_not_used(
    site: Site, new_settings: NewSettings, target: Path
) -> None:
    await site.back_up(target)
    settings = new_settings("new")
    settings.data_dir.mkdir()
    (settings.data_dir / "streaming.sqlite3-wal").touch()

    await is_refused(settings, target, "is not empty: it has streaming.sqlite3-wal")


@on_sqlite
async def test_nothing_is_restored_while_the_site_runs(site: Site, new_settings: NewSettings, target: Path) -> None:
    await site.back_up(target)
    settings = new_settings("new")

    with lock_file(settings.data_dir / WEB_LOCK, 0):
        await is_refused(settings, target, f"is in use by process {os.getpid()}")


async def test_a_restore_needs_the_key_of_the_site(site: Site, new_settings: NewSettings, target: Path) -> None:
    await site.back_up(target)
    settings = Settings.model_validate({**new_settings("new").model_dump(), "secret_key": "x" * 40})

    await is_refused(settings, target, "SECRET_KEY is not the key of the backup's site")


@on_sqlite
async def test_a_backup_without_the_key_is_restored_with_the_key_in_place(
    site: Site, new_settings: NewSettings, target: Path
) -> None:
    await back_up(site.backend.settings, target, with_recordings=False, with_secret_key=False)
    assert not (target / KEY_FILE).exists()
    settings = new_settings("new")
    await is_refused(settings, target, "does not contain the secret key")
    (settings.data_dir / KEY_FILE).write_text("x" * 64)
    await is_refused(settings, target, "is not the key of the backup's site")
    (settings.data_dir / KEY_FILE).write_bytes((site.backend.settings.data_dir / KEY_FILE).read_bytes())

    await restore(settings, target)

    async with open_backend(settings) as backend:
        assert await backend.channels.stream_key(site.user.user_id) == site.stream_key
    assert not (settings.data_dir / "recordings").exists()


async def test_a_backup_of_one_store_is_not_restored_into_the_other(
    site: Site, new_settings: NewSettings, target: Path, mongo_java_server: str
) -> None:
    await site.back_up(target)
    settings = new_settings("new")
    has_mongo = settings.mongo_url is not None
    other = {"mongo_url": None} if has_mongo else {"mongo_url": mongo_java_server, "secret_key": KEY}

    line = "a site with MongoDB" if has_mongo else "a site with SQLite"
    await is_refused(Settings.model_validate({**settings.model_dump(), **other}), target, line)


@on_sqlite
async def test_a_backup_replaces_nothing(site: Site, target: Path) -> None:
    await site.back_up(target)
    before = tree(target)

    with pytest.raises(SetupError, match="already exists"):
        await site.back_up(target)

    assert tree(target) == before
    assert tree(target.parent) == {target.name, *(f"{target.name}/{name}" for name in before)}


@on_sqlite
async def test_two_backups_do_not_write_to_the_same_folder(site: Site, target: Path) -> None:
    with unfinished_folder(target), pytest.raises(SetupError, match="Another process makes the backup"):
        await site.back_up(target)

    assert tree(target) == set()


def test_a_backup_does_not_follow_a_link_that_has_the_name_of_its_folder(target: Path) -> None:
    private = target.parent / "private"
    private.mkdir(parents=True)
    (private / "diary.txt").touch()
    target.with_name("today.unfinished").symlink_to(private)

    with pytest.raises(SetupError, match=r"today\.unfinished is not a folder"), unfinished_folder(target):
        pass

    assert tree(target.parent) == {"private", "private/diary.txt", "today.unfinished"}


def test_a_backup_is_private_although_its_folder_was_made_before(target: Path) -> None:
    target.with_name("today.unfinished").mkdir(parents=True)
    target.with_name("today.unfinished").chmod(0o777)

    with unfinished_folder(target):
        pass

    assert stat.S_IMODE(target.stat().st_mode) == 0o700


def test_a_backup_is_not_written_to_the_folder_of_another_user(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target.with_name("today.unfinished").mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(SetupError, match=r"today\.unfinished belongs to another user"), unfinished_folder(target):
        pass

    assert tree(target.parent) == {"today.unfinished"}


@on_sqlite
async def test_a_backup_that_cannot_be_written_leaves_nothing(site: Site, target: Path) -> None:
    target.parent.write_text("a file")

    with pytest.raises(SetupError, match="cannot be written"):
        await site.back_up(target)


async def test_without_a_site_there_is_no_backup(tmp_path: Path, target: Path) -> None:
    settings = Settings(data_dir=tmp_path / "empty")

    with pytest.raises(SetupError, match="there is no site to back up"):
        await back_up(settings, target, with_recordings=True, with_secret_key=True)

    assert tree(tmp_path) == {target.parent.name}


@pytest.mark.parametrize("new_settings", MONGO_SERVERS, indirect=True)
async def test_documents_that_cannot_exist_at_once_are_not_backed_up(site: Site, target: Path) -> None:
    """Without snapshots a name that passes from one document to another could be read in both."""
    url = site.backend.settings.mongo_url
    assert url
    with MongoClient[dict[str, object]](url.get_secret_value()) as client:
        users = client.get_default_database()["users"]
        documents = list(users.find())
        users.drop()
        users.insert_many([*documents, {**documents[0], "_id": "copy"}])

    with pytest.raises(SetupError, match="The collection users changes too fast"):
        await site.back_up(target)

    assert tree(target.parent) == set()


async def is_refused(settings: Settings, backup: Path, line: str) -> None:
    """Check that the backup is not restored, and that nothing has been written."""
    before = tree(settings.data_dir)

    with pytest.raises(SetupError) as refused:
        await restore(settings, backup)

    assert line in str(refused.value)
    assert "\n" not in str(refused.value)
    assert tree(settings.data_dir) - before <= {"supervisor.pid", WEB_LOCK}
