"""Updates of documents of every earlier schema in MongoDB, and refusals."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.database import Database as SyncDatabase

from streaming_app.backend.accounts.model import SiteRole
from streaming_app.backend.accounts.ports import UserGroup
from streaming_app.backend.adapters.mongo import open_store, schema_version
from streaming_app.backend.adapters.mongo.connection import connected
from streaming_app.backend.adapters.mongo.database_dump import dump_database, load_database
from streaming_app.backend.adapters.mongo.documents import Database
from streaming_app.backend.adapters.mongo.migrations import STEPS
from streaming_app.backend.adapters.mongo.schema_version import SCHEMA, update_schema
from streaming_app.backend.chat.model import ChatRules, EntryState
from streaming_app.backend.errors import SetupError, TakenError
from streaming_app.backend.streams.model import Latency
from tests.contract.stores.samples import ANN, CHANNEL, ENTRY, MESSAGE, MILLISECOND, NOW, user
from tests.rig.conditions import until_async

NEWEST = len(STEPS)
UNDONE = replace(ENTRY, entry_id="e-2", undone_at=NOW, undone_by="Bob", state=EntryState.UNDONE)
UNSET: tuple[Mapping[str, list[str]], ...] = (
    {"users": ["username_skeleton"]},
    {"users": ["site_role"]},
    {},
    {"moderation_log": ["state"], "chat_rules": ["version"]},
)
"""The fields that each schema has added."""
DEFAULTS = {
    "channels": ["latency", "records"],
    "users": ["banned_until", "ban_reason"],
    "chat_messages": ["role", "reply_to"],
}
"""Fields whose defaults need no update."""

SyncMongo = SyncDatabase[dict[str, object]]


@pytest.fixture
def raw(mongo_url: str) -> Iterator[SyncMongo]:
    """The database, without the store."""
    with MongoClient[dict[str, object]](mongo_url) as client:
        yield client.get_default_database()


async def _fill(url: str) -> None:
    async with open_store(url) as store:
        await store.users.add(replace(ANN, site_role=SiteRole.ADMIN))
        await store.users.add(user("Bob", created_at=NOW + MILLISECOND))
        await store.channels.add(replace(CHANNEL, latency=Latency.REALTIME))
        await store.chat_archive.add([MESSAGE])
        await store.chat_settings.set_rules("c-ann", ChatRules(slow_seconds=5), 0)
        for entry in (ENTRY, UNDONE):
            await store.moderation_log.add(entry)


def _make_old(raw: SyncMongo, version: int) -> None:
    """Change the documents to those that the program with this schema had."""
    for fields in UNSET[version:]:
        for collection, names in fields.items():
            raw[collection].update_many({}, {"$unset": dict.fromkeys(names, 1)})
    if version < 2:
        raw["users"].update_one({"username": "Ann"}, {"$set": {"is_admin": True}})
        raw["users"].update_one({"username": "Bob"}, {"$set": {"is_admin": False}})
    if version < 3:
        raw["channels"].update_one({}, {"$set": {"latency": "ultra"}})
    if version:
        raw[SCHEMA].update_one({}, {"$set": {"version": version}})
    else:
        raw.drop_collection(SCHEMA)


@pytest.mark.parametrize("version", range(NEWEST))
async def test_each_schema_is_updated(mongo_url: str, raw: SyncMongo, version: int) -> None:
    await _fill(mongo_url)
    _make_old(raw, version)

    async with open_store(mongo_url) as store:
        ann = await store.users.get("u-ann")
        assert ann == replace(ANN, site_role=SiteRole.ADMIN)
        staff = await store.users.search("", with_email=False, group=UserGroup.STAFF, after="", limit=5)
        assert [found.username for found in staff] == ["Ann"]
        assert await store.users.set_role("u-ann", SiteRole.USER, expected=SiteRole.ADMIN)
        assert await store.users.set_role("u-Bob", SiteRole.MODERATOR, expected=SiteRole.USER)
        with pytest.raises(TakenError):
            await store.users.check_free("a-nn", "other@example.com")
        assert await store.channels.list_after("", 10) == [replace(CHANNEL, latency=Latency.REALTIME)]
        assert (await store.chat_settings.membership_status("c-ann", "u-bob")).rules_version == 1
        assert await store.chat_settings.set_rules("c-ann", ChatRules(), 1)
        assert await store.moderation_log.get("c-ann", "e-1") == ENTRY
        assert await store.moderation_log.get("c-ann", "e-2") == UNDONE
    assert raw[SCHEMA].find_one({}, {"_id": 0}) == {"version": NEWEST, "lock": ""}
    assert not list(raw["users"].find({"is_admin": {"$exists": True}}))


async def test_fields_with_defaults_need_no_update(mongo_url: str, raw: SyncMongo) -> None:
    await _fill(mongo_url)
    for collection, names in DEFAULTS.items():
        raw[collection].update_many({}, {"$unset": dict.fromkeys(names, 1)})

    async with open_store(mongo_url) as store:
        assert await store.channels.get("c-ann") == CHANNEL
        assert (await store.users.get("u-ann")).ban_reason == ""
        assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]


async def test_of_old_accounts_whose_names_look_alike_the_oldest_one_protects_its_name(
    mongo_url: str, raw: SyncMongo
) -> None:
    async with open_store(mongo_url) as store:
        for n, name in enumerate(("Alice", "Bob")):
            await store.users.add(user(name, created_at=NOW + n * MILLISECOND))
    raw["users"].update_many({}, {"$unset": {"username_skeleton": 1}})
    raw["users"].update_one({"_id": "u-Bob"}, {"$set": {"username": "A1ice"}})
    raw.drop_collection(SCHEMA)

    async with open_store(mongo_url) as store:
        assert (await store.users.get("u-Bob")).username == "A1ice"
        with pytest.raises(TakenError):
            await store.users.check_free("al-ice", "other@example.com")
    owners = raw["users"].find({"username_skeleton": {"$exists": True}})
    assert [owner["_id"] for owner in owners] == ["u-Alice"]


async def test_a_dump_from_before_versions_is_updated_after_it_was_loaded(
    mongo_url: str, raw: SyncMongo, tmp_path: Path
) -> None:
    await _fill(mongo_url)
    _make_old(raw, 0)
    dumped = await dump_database(mongo_url, tmp_path)
    raw.client.drop_database(raw.name)
    async with open_store(mongo_url):
        pass  # the site was started with the empty database

    await load_database(mongo_url, tmp_path)

    assert dumped.schema_version == 0
    async with open_store(mongo_url) as store:
        assert (await store.users.get("u-ann")).site_role is SiteRole.ADMIN
    assert (await dump_database(mongo_url, tmp_path)).schema_version == NEWEST


async def test_a_newer_schema_is_refused_and_not_changed(mongo_url: str, raw: SyncMongo) -> None:
    newer = {"_id": SCHEMA, "version": NEWEST + 1, "lock": ""}
    raw[SCHEMA].insert_one(dict(newer))

    with pytest.raises(SetupError) as refused:
        async with open_store(mongo_url):
            pass

    assert str(refused.value) == (
        f"The database {raw.name} cannot be used: it was created by a newer version of this program (schema"
        f" {NEWEST + 1}, supported: {NEWEST})."
    )
    assert raw.list_collection_names() == [SCHEMA]
    assert raw[SCHEMA].find_one({}) == newer


async def test_one_of_many_processes_updates_the_documents_while_the_others_wait(mongo_url: str) -> None:
    ran: list[str] = []

    async def first(_: Database) -> None:
        ran.append("begun")
        await asyncio.sleep(0)
        ran.append("ended")

    async def second(_: Database) -> None:
        ran.append("second")

    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(connected(mongo_url)) for _ in range(5)]
        await asyncio.gather(*(update_schema(database, (first, second)) for database in databases))

    assert ran == ["begun", "ended", "second"]


async def test_the_steps_of_a_process_that_died_are_continued(
    mongo_url: str, raw: SyncMongo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_version, "STALE_SECONDS", 0.5)
    ran: list[str] = []

    async def done(_: Database) -> None:
        ran.append("done before")

    async def missing(_: Database) -> None:
        ran.append("missing")

    raw[SCHEMA].insert_one({"_id": SCHEMA, "version": 1, "lock": "of a process that was killed"})
    async with connected(mongo_url) as database:
        await update_schema(database, (done, missing))

    assert ran == ["missing"]
    assert raw[SCHEMA].find_one({}, {"_id": 0}) == {"version": 2, "lock": ""}


async def test_a_process_that_still_updates_keeps_its_lock(mongo_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema_version, "STALE_SECONDS", 4.0)
    monkeypatch.setattr(schema_version, "RENEWAL_SECONDS", 0.05)
    monkeypatch.setattr(schema_version, "POLL_SECONDS", 0.05)
    begun, end = asyncio.Event(), asyncio.Event()
    ran: list[str] = []

    async def slow(_: Database) -> None:
        ran.append("slow")
        begun.set()
        await end.wait()

    async with connected(mongo_url) as one, connected(mongo_url) as other:
        updating = asyncio.create_task(update_schema(one, (slow,)))
        await begun.wait()
        waiting = asyncio.create_task(update_schema(other, (slow,)))
        locks: set[str] = set()

        async def was_renewed_often() -> bool:
            document = await one[SCHEMA].find_one({})
            locks.add(document["lock"] if document else "")
            return len(locks) > 90

        await until_async(was_renewed_often, "the lock was renewed for longer than it may be stale")
        end.set()
        await asyncio.gather(updating, waiting)

    assert ran == ["slow"]


async def test_an_update_that_fails_is_repeated_by_the_next_start(mongo_url: str, raw: SyncMongo) -> None:
    async def fail(_: Database) -> None:
        raise RuntimeError

    async def succeed(_: Database) -> None:
        pass

    async with connected(mongo_url) as database:
        with pytest.raises(RuntimeError):
            await update_schema(database, (succeed, fail))
        assert raw[SCHEMA].find_one({}, {"_id": 0}) == {"version": 1, "lock": ""}
        await update_schema(database, (succeed, succeed))

    assert raw[SCHEMA].find_one({}, {"_id": 0}) == {"version": 2, "lock": ""}
