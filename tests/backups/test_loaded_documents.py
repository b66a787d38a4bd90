"""Documents are read again after they were loaded into MongoDB."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import pytest

from streaming_app.backend.adapters.mongo.connection import connected
from streaming_app.backend.adapters.mongo.database_dump import check_loaded
from streaming_app.backend.errors import SetupError

Document = dict[str, Any]

ONE: Document = {"_id": 1, "text": "one", "at": datetime(2026, 11, 29, tzinfo=UTC)}
TWO: Document = {"_id": 2, "text": "two"}


@pytest.mark.parametrize(
    ("loaded", "line"),
    [
        ([ONE], "1 documents of messages are missing"),
        ([ONE, {**TWO, "text": "twO"}], "The document 2 of messages is not as it was written"),
        ([ONE, TWO, {"_id": 3}], "The document 3 of messages is not as it was written"),
    ],
)
async def test_a_difference_is_reported(mongo_url: str, tmp_path: Path, loaded: list[Document], line: str) -> None:
    with pytest.raises(SetupError, match=line):
        await compare(mongo_url, tmp_path / "messages.bson", [ONE, TWO], loaded)


async def test_equal_documents_are_accepted(mongo_url: str, tmp_path: Path) -> None:
    await compare(mongo_url, tmp_path / "messages.bson", [ONE, TWO], [TWO, ONE])


async def test_mongodb_may_have_deleted_expired_documents(mongo_url: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    expired, valid = ({**ONE, "expires_at": now + timedelta(hours=hours)} for hours in (-1, 1))

    await compare(mongo_url, tmp_path / "messages.bson", [expired, TWO], [TWO])

    with pytest.raises(SetupError, match="are missing"):
        await compare(mongo_url, tmp_path / "messages.bson", [valid, TWO], [TWO])


async def compare(url: str, file: Path, written: list[Document], loaded: list[Document]) -> None:
    write(file, written)
    async with connected(url) as database:
        await database["messages"].delete_many({})
        await database["messages"].insert_many([dict(document) for document in loaded])
        await check_loaded(database["messages"], file)


def write(file: Path, documents: list[Document]) -> None:
    file.write_bytes(b"".join(map(bson.encode, documents)))
