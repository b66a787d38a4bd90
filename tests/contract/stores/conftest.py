"""The stores under test: SQLite on disk and in memory, and every available MongoDB server."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from streaming_app.backend.adapters import mongo, sqlite
from streaming_app.backend.adapters.store import Store
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.scenes import NewScene, scenes
from tests.rig.mongo import drop_database, with_database


@pytest.fixture(params=["sqlite-file", "sqlite-memory", *MONGO_SERVERS])
def store_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Path or URL of an empty store."""
    if request.param == "sqlite-file":
        yield str(tmp_path / "streaming.sqlite3")
    elif request.param == "sqlite-memory":
        yield ":memory:"
    else:
        is_real = request.param == "real-mongodb"
        server = os.environ["TEST_MONGO_URL"] if is_real else request.getfixturevalue("mongo_java_server")
        url = with_database(server, f"test-{uuid.uuid4().hex[:12]}")
        yield url
        drop_database(url)


@pytest.fixture
async def store(store_address: str) -> AsyncIterator[Store]:
    """An open, empty store."""
    adapter = mongo if store_address.startswith("mongodb") else sqlite
    async with adapter.open_store(store_address) as store:
        yield store


@pytest.fixture
async def new_scene(store: Store) -> AsyncIterator[NewScene]:
    """A factory of chats in the store, each in a channel of its own."""
    async with scenes(store) as make:
        yield make
