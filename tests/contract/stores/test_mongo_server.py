"""Promises of the MongoDB store about its server."""

import asyncio

import pytest
from pymongo import MongoClient

from streaming_app.backend.adapters.mongo import connection, open_store
from streaming_app.backend.adapters.mongo.connection import DEFAULT_DATABASE
from streaming_app.backend.errors import SetupError
from tests.contract.stores.samples import ANN, user
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
async def test_an_unreachable_server_is_reported_in_one_line_without_credentials(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_MS", 200)
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
