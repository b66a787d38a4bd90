"""Moving a site from SQLite to MongoDB."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from streaming_app.backend.account_data.model import ErasedId
from streaming_app.backend.adapters import mongo, sqlite
from streaming_app.backend.adapters.mongo.database_dump import check_is_empty
from streaming_app.backend.adapters.mongo.restore_marker import MOVE_ID, mark_restore
from streaming_app.backend.adapters.mongo.schema_version import SCHEMA
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.adapters.store_conversion import documents_of
from streaming_app.backend.backups.backup import back_up
from streaming_app.backend.backups.move import UNFINISHED_FOLDER, move_to_mongo
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.chat.model import QuotedMessage
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from tests.backups.conftest import HASH_COST, PASSWORD, Site, run_killed, tree
from tests.contract.stores.samples import ANN, ANSWER, CHANNEL, HELD, MESSAGE, NOW, STREAM, user
from tests.rig.full_account import START, fill_account

on_sqlite = pytest.mark.parametrize("new_settings", ["sqlite"], indirect=True)


@pytest.fixture
def moved(site: Site, mongo_url: str) -> Settings:
    """The settings of the site after the move."""
    old = site.backend.settings
    key = (old.data_dir / "secret.key").read_text().strip()
    values = {"data_dir": old.data_dir, "mongo_url": mongo_url, "secret_key": key, "password_hash_cost": HASH_COST}
    return Settings.model_validate(values)


async def fill(store: Store) -> None:
    """Store everything that the two stores represent differently."""
    account = await fill_account(store)
    await fill_account(store, 1)
    await store.chat_archive.add([MESSAGE, ANSWER])
    for entry in ("x", "y"):
        await store.chat_archive.delete(MESSAGE.channel_id, entry, [MESSAGE.message_id])
    await store.chat_settings.set_pinned(CHANNEL.channel_id, ANSWER, "")
    await store.held_messages.add(replace(HELD, message_id="m-9", reply_to=QuotedMessage("m-2", "Bob", "hi")))
    await store.users.add(ANN)
    await store.channels.add(replace(CHANNEL, records=True))
    await store.streams.add(STREAM)
    for token in range(2):
        found = await store.api_tokens.list_by_user(account.ann.user_id)
        await store.api_tokens.add(replace(found[0], token_id=f"a-{token}", token_hash=f"h-{token}"), 10)
    await store.account_deletions.schedule(ANN.user_id, NOW + timedelta(days=1))
    await store.account_deletions.set_channel_hidden(ANN.user_id, hidden=True)
    await store.account_deletions.add_erased(ErasedId("id key", "name key", START))
    await store.recordings.remove(f"stream-{account.channel.channel_id}")


async def documents_in(store: Store) -> dict[str, list[str]]:
    users: Any = store.users
    database = users._users.database
    names = [
        name for name in await database.list_collection_names() if not name.startswith("system.") and name != SCHEMA
    ]
    return {name: normal([document async for document in database[name].find()]) for name in names}


def normal(documents: list[dict[str, Any]]) -> list[str]:
    """Return documents as text that shows types, in an order that does not depend on generated ids."""

    def shown(value: Any) -> Any:
        match value:
            case dict():
                return {key: shown(each) for key, each in sorted(value.items()) if not isinstance(each, ObjectId)}
            case list():
                return [shown(each) for each in value]
            case float() | int() if not isinstance(value, bool):
                return float(value)
            case _:
                return value

    return sorted(repr(shown(document)) for document in documents)


async def test_moved_documents_are_those_that_mongodb_would_have(tmp_path: Path, mongo_url: str) -> None:
    path = tmp_path / "streaming.sqlite3"
    async with sqlite.open_store(path) as store:
        await fill(store)
    async with mongo.open_store(mongo_url) as store:
        await fill(store)
        expected = await documents_in(store)

    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        converted = {name: normal(list(documents_of(connection, name))) for name in expected}

    for name, documents in expected.items():
        assert converted[name] == documents, name
    assert all(converted.values()), "every collection has documents"


@on_sqlite
async def test_a_moved_site_has_every_record_and_works(site: Site, moved: Settings) -> None:
    store = site.backend.store
    settings = moved
    account = site.account

    records = await move_to_mongo(settings)

    assert records["users"] == 5
    assert UNFINISHED_FOLDER not in tree(settings.data_dir)
    async with open_backend(settings) as backend:
        assert await backend.accounts.sign_in("cleo", PASSWORD, "192.0.2.1")
        assert await backend.channels.stream_key(site.user.user_id) == site.stream_key
        channel_id = account.bobs_channel.channel_id
        new = backend.store
        readers: list[Callable[[Store], Any]] = [
            lambda s: s.users.get(account.ann.user_id),
            lambda s: s.sessions.get_with_user(f"s-{account.ann.user_id}", START),
            lambda s: s.channels.get_many([account.channel.channel_id, channel_id]),
            lambda s: s.streams.get(f"stream-{channel_id}"),
            lambda s: s.chat_archive.recent(channel_id, 50),
            lambda s: s.chat_archive.deleted_ids(channel_id, 50),
            lambda s: s.chat_settings.rules_and_pinned(channel_id),
            lambda s: s.chat_settings.bans(channel_id, START, 50),
            lambda s: s.moderation_log.newest(channel_id, 50),
            lambda s: s.held_messages.waiting(channel_id, 50),
            lambda s: s.emotes.picture(account.channel.channel_id, f"o-{account.ann.user_id}"),
            lambda s: s.recordings.of_channel(channel_id, 50),
            lambda s: s.reports.open_reports(50),
            lambda s: s.api_tokens.list_by_user(account.ann.user_id),
            lambda s: s.authenticator_apps.get(account.ann.user_id),
            lambda s: s.identities.list_by_user(account.ann.user_id),
        ]
        for read in readers:
            assert await read(new) == await read(store)


@on_sqlite
async def test_a_move_that_is_killed_at_any_step_is_repeated(site: Site, moved: Settings, mongo_url: str) -> None:
    key = (moved.data_dir / "secret.key").read_text().strip()
    environment = {"DATA_DIR": str(moved.data_dir), "MONGO_URL": mongo_url, "SECRET_KEY": key}

    kills = await asyncio.to_thread(run_killed, environment, moved.data_dir, "move", "--to-mongo")

    assert kills > 30
    async with mongo.open_store(mongo_url) as store:
        assert (await store.users.get(site.user.user_id)).username == "Cleo"
        assert await store.chat_archive.recent(site.account.bobs_channel.channel_id, 9)


@on_sqlite
async def test_an_interrupted_move_is_named_in_every_refusal(moved: Settings, mongo_url: str, target: Path) -> None:
    await mark_restore(mongo_url, MOVE_ID)

    with pytest.raises(SetupError, match=r"is not moved completely from SQLite\. Repeat `move --to-mongo`"):
        async with mongo.open_store(mongo_url):
            pass
    with pytest.raises(SetupError, match="is not moved completely from SQLite"):
        await back_up(moved, target, with_recordings=True, with_secret_key=False)
    with pytest.raises(SetupError, match=r"the beginning of a move that was interrupted\. Repeat `move --to-mongo`"):
        await check_is_empty(mongo_url, "a backup")

    assert tree(target.parent) == set()


@on_sqlite
async def test_a_site_is_moved_after_sqlite_has_made_tables_of_its_own(site: Site, moved: Settings) -> None:
    with closing(sqlite3.connect(moved.data_dir / "streaming.sqlite3")) as connection, connection:
        connection.execute("ANALYZE")

    records = await move_to_mongo(moved)

    assert records["users"] > 0
    assert not [name for name in records if name.startswith("sqlite_")]


@on_sqlite
async def test_a_site_is_not_moved_into_a_database_with_data_or_with_another_key(
    site: Site, moved: Settings, mongo_url: str
) -> None:
    other_key = Settings.model_validate({**moved.model_dump(), "secret_key": "x" * 40})
    with pytest.raises(SetupError, match="SECRET_KEY is not the key in"):
        await move_to_mongo(other_key)
    with pytest.raises(SetupError, match="Set MONGO_URL to an empty database"):
        await move_to_mongo(site.backend.settings)
    async with mongo.open_store(mongo_url) as store:
        await store.users.add(user("first"))

    with pytest.raises(SetupError, match="is not empty: it has users"):
        await move_to_mongo(moved)

    async with mongo.open_store(mongo_url) as store:
        await store.users.get("u-first")


@on_sqlite
async def test_a_table_that_is_not_known_is_not_forgotten(site: Site, moved: Settings) -> None:
    with closing(sqlite3.connect(moved.data_dir / "streaming.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE novelties (name TEXT)")

    with pytest.raises(SetupError, match="has tables that cannot be moved: novelties"):
        await move_to_mongo(moved)
