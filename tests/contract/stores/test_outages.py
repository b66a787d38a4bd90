"""Outages of a store: a special error, one line in the log, and recovery without a restart."""

from pathlib import Path

import pytest

from streaming_app.backend.adapters import mongo, sqlite
from streaming_app.backend.adapters.mongo import connection
from streaming_app.backend.errors import StoreUnavailableError, TakenError
from tests.contract.stores.samples import ANN
from tests.rig.broken_store import without_table
from tests.rig.mongo import Mongo


async def test_a_damaged_file_is_an_outage_until_it_is_repaired(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with sqlite.open_store(tmp_path / "store.sqlite3") as store:
        await store.users.add(ANN)

        with without_table(tmp_path / "store.sqlite3"):
            for _ in range(3):
                with pytest.raises(StoreUnavailableError):
                    await store.users.get("u-ann")
            with pytest.raises(StoreUnavailableError):
                await store.users.replace_password_hash("u-ann", "old", "new")

        assert await store.users.get("u-ann") == ANN
        with pytest.raises(TakenError):
            await store.users.add(ANN)
    assert [record.getMessage() for record in caplog.records] == [
        "The database does not answer (no such table: users)",
        "The database answers again",
    ]


async def test_a_killed_server_is_an_outage_until_it_is_back(
    own_mongo: Mongo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(connection, "SERVER_SELECTION_MS", 2_000)
    caplog.set_level("INFO", "streaming_app")
    async with mongo.open_store(f"{own_mongo.url}/site") as store:
        await store.users.add(ANN)
        caplog.clear()

        own_mongo.kill()
        for _ in range(2):
            with pytest.raises(StoreUnavailableError):
                await store.users.get("u-ann")
        own_mongo.start()

        await store.users.add(ANN)
        assert await store.users.get("u-ann") == ANN
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        "MongoDB does not answer",
        "MongoDB answers again",
    ]
