import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from tests.rig.mongo import with_database

Users = AsyncIOMotorCollection[dict[str, Any]]


@pytest.fixture
async def users(mongo_url: str) -> AsyncIterator[Users]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_url, io_loop=asyncio.get_running_loop())
    yield client.get_default_database()["users"]
    client.close()


async def test_the_database_is_empty_and_stores_documents(users: Users) -> None:
    assert await users.count_documents({}) == 0

    await users.insert_one({"_id": "u1", "name": "ann", "visits": 1})
    seen = await users.find_one_and_update({"_id": "u1"}, {"$inc": {"visits": 1}}, return_document=ReturnDocument.AFTER)

    assert seen == {"_id": "u1", "name": "ann", "visits": 2}


async def test_a_unique_index_refuses_a_duplicate(users: Users) -> None:
    await users.create_index("name", unique=True)
    await users.insert_one({"name": "ann"})

    with pytest.raises(DuplicateKeyError):
        await users.insert_one({"name": "ann"})


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        ("mongodb://h:1", "mongodb://h:1/t"),
        ("mongodb://a:1,b:2/?replicaSet=rs", "mongodb://a:1,b:2/t?replicaSet=rs"),
        ("mongodb://me:pw@h", "mongodb://me:pw@h/t?authSource=admin"),
        ("mongodb://me:pw@h/people", "mongodb://me:pw@h/t?authSource=people"),
        ("mongodb://me:pw@h/x?authSource=admin", "mongodb://me:pw@h/t?authSource=admin"),
    ],
)
def test_a_server_url_gets_the_database_name_of_the_test(server: str, expected: str) -> None:
    assert with_database(server, "t") == expected
