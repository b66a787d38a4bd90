"""Promises of the MongoDB store about its server."""

import asyncio
from dataclasses import replace

import pytest
from pymongo import MongoClient

from streaming_app.backend.accounts.model import SiteRole
from streaming_app.backend.accounts.ports import UserGroup
from streaming_app.backend.adapters.mongo import open_store
from streaming_app.backend.adapters.mongo.connection import DEFAULT_DATABASE
from streaming_app.backend.chat.model import ChatRules, EntryState
from streaming_app.backend.errors import SetupError, TakenError
from streaming_app.backend.streams.model import Latency
from tests.contract.stores.samples import ANN, CHANNEL, ENTRY, MESSAGE, MILLISECOND, NOW, user
from tests.rig.mongo import drop_database, with_database
from tests.rig.ports import HOST, free_port

UNIQUE = {
    "users": {"username_key", "username_skeleton", "email_key"},
    "channels": {"owner_id", "slug_key", "key_hash"},
    "streams": {"open_key"},
    "chat_moderators": {"channel_id"},
    "chat_bans": {"channel_id"},
    "chat_turns": {"channel_id"},
    "follows": {"channel_id"},
    "emotes": {"channel_id"},
}
EXPIRING = {"sessions": {"expires_at"}, "tickets": {"expires_at"}}


async def test_data_is_kept_when_the_store_is_reopened(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        await store.users.add(ANN)

    async with open_store(mongo_url) as store:
        assert await store.users.get("u-ann") == ANN


async def test_documents_of_the_first_version_have_the_defaults(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        await store.channels.add(CHANNEL)
        await store.users.add(ANN)
        await store.chat_archive.add([MESSAGE])
        await store.chat_settings.set_rules("c-ann", ChatRules(slow_seconds=5), 0)
        undone = replace(ENTRY, entry_id="e-2", undone_at=NOW, undone_by="Bob", state=EntryState.UNDONE)
        for entry in (ENTRY, undone):
            await store.moderation_log.add(entry)
        with MongoClient[dict[str, object]](mongo_url) as client:
            database = client.get_default_database()
            database["channels"].update_one({}, {"$unset": {"latency": 1, "records": 1}})
            database["users"].update_one({}, {"$unset": {"site_role": 1, "banned_until": 1, "ban_reason": 1}})
            database["chat_messages"].update_one({}, {"$unset": {"role": 1, "reply_to": 1}})
            database["chat_rules"].update_one({}, {"$unset": {"version": 1}})
            database["moderation_log"].update_many({}, {"$unset": {"state": 1}})

        assert await store.channels.get("c-ann") == CHANNEL
        assert await store.users.get("u-ann") == ANN
        assert await store.chat_archive.recent("c-ann", 10) == [MESSAGE]
        assert (await store.chat_settings.membership_status("c-ann", "u-bob")).rules_version == 1
        assert await store.chat_settings.set_rules("c-ann", ChatRules(), 1)
        assert await store.moderation_log.get("c-ann", "e-1") == ENTRY
        assert await store.moderation_log.get("c-ann", "e-2") == undone


async def test_channels_with_the_former_name_of_the_shortest_delay_use_real_time(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        await store.channels.add(CHANNEL)
        with MongoClient[dict[str, object]](mongo_url) as client:
            client.get_default_database()["channels"].update_one({}, {"$set": {"latency": "ultra"}})

        in_real_time = replace(CHANNEL, latency=Latency.REALTIME)
        assert await store.channels.get("c-ann") == in_real_time
        assert await store.channels.get_many(["c-ann"]) == [in_real_time]
        assert await store.channels.list_after("", 10) == [in_real_time]


async def test_of_old_accounts_whose_names_look_alike_the_oldest_one_protects_its_name(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        for n, name in enumerate(("Alice", "Bob")):
            await store.users.add(user(name, created_at=NOW + n * MILLISECOND))
    with MongoClient[dict[str, object]](mongo_url) as client:
        users = client.get_default_database()["users"]
        users.update_many({}, {"$unset": {"username_skeleton": 1}})
        users.update_one({"_id": "u-Bob"}, {"$set": {"username": "A1ice"}})

    for _ in range(2):
        async with open_store(mongo_url) as store:
            assert (await store.users.get("u-Bob")).username == "A1ice"
            with pytest.raises(TakenError):
                await store.users.check_free("al-ice", "other@example.com")
    with MongoClient[dict[str, object]](mongo_url) as client:
        owners = client.get_default_database()["users"].find({"username_skeleton": {"$exists": True}})
        assert [owner["_id"] for owner in owners] == ["u-Alice"]


async def test_many_processes_can_open_a_new_database_at_once(mongo_url: str) -> None:
    async def write(name: str) -> None:
        async with open_store(mongo_url) as store:
            await store.users.add(user(name))

    await asyncio.gather(*(write(f"user{n}") for n in range(5)))

    async with open_store(mongo_url) as store:
        for n in range(5):
            assert (await store.users.get(f"u-user{n}")).username == f"user{n}"


async def test_unique_and_expiring_fields_are_indexed(mongo_url: str) -> None:
    async with open_store(mongo_url):
        pass

    with MongoClient[dict[str, object]](mongo_url) as client:
        indexes = [
            (collection, next(iter(index["key"])), index)
            for collection in UNIQUE | EXPIRING
            for index in client.get_default_database()[collection].list_indexes()
        ]
    for wanted, option in ((UNIQUE, "unique"), (EXPIRING, "expireAfterSeconds")):
        found = {
            collection: {field for other, field, index in indexes if other == collection and option in index}
            for collection in wanted
        }
        assert found == wanted


async def test_a_url_without_a_database_uses_the_default_database(mongo_java_server: str) -> None:
    url = with_database(mongo_java_server, DEFAULT_DATABASE)
    async with open_store(mongo_java_server) as store:
        await store.users.add(ANN)

    async with open_store(url) as store:
        assert await store.users.get("u-ann") == ANN
    drop_database(url)


@pytest.mark.parametrize(
    "address", ["user:s3cret-word@{host}:{port}/site", "user:s3cret-word@{host}:{port},{host}:1/?replicaSet=rs"]
)
async def test_an_unreachable_server_is_reported_in_one_line_without_credentials(address: str) -> None:
    url = "mongodb://" + address.format(host=HOST, port=free_port())

    with pytest.raises(SetupError) as refused:
        async with asyncio.timeout(30), open_store(url):
            pass

    line = str(refused.value)
    assert line.startswith(f"MongoDB at {HOST}:")
    assert line.endswith("does not answer. Is it running, and is MONGO_URL right?")
    assert "s3cret-word" not in line
    assert "\n" not in line


async def test_a_refused_password_is_reported_in_one_line_without_credentials(
    mongo_java_server: str,
) -> None:
    url = mongo_java_server.replace("://", "://user:s3cret-word@")

    with pytest.raises(SetupError) as refused:
        async with open_store(url):
            pass

    assert str(refused.value).startswith(f"MongoDB at {HOST}:")
    assert "s3cret-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:27017",
        "http://user:s3cret-word@localhost/",
        "mongodb://",
        "mongodb://user:s3cret/word@localhost/",
        "mongodb://user:s3cret@word@localhost/",
        "mongodb://user:s3cret:word@localhost/",
        "mongodb://localhost:s3cret-word/",
        "mongodb://localhost:270170/",
        "mongodb://localhost/bad name",
        "mongodb+srv://user:s3cret@localhost/site",
        "mongodb://localhost/?directConnection=s3cret",
    ],
)
async def test_an_invalid_url_is_reported_in_one_line_without_the_url(url: str) -> None:
    with pytest.raises(SetupError) as refused:
        async with open_store(url):
            pass

    assert str(refused.value).startswith("MONGO_URL is not a MongoDB URL")
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_admins_of_older_versions_are_admins(mongo_url: str) -> None:
    async with open_store(mongo_url) as store:
        await store.users.add(ANN)
        with MongoClient[dict[str, object]](mongo_url) as client:
            users = client.get_default_database()["users"]
            users.update_one({}, {"$set": {"is_admin": True}, "$unset": {"site_role": 1}})

        assert (await store.users.get("u-ann")).is_admin
        search = store.users.search("", with_email=False, group=UserGroup.STAFF, after="", limit=5)
        assert [user.username for user in await search] == ["Ann"]
        assert not await store.users.set_role("u-ann", SiteRole.MODERATOR, expected=SiteRole.USER)
        assert await store.users.set_role("u-ann", SiteRole.USER, expected=SiteRole.ADMIN)
        assert await store.users.get("u-ann") == ANN
