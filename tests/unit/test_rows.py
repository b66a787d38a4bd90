"""Dataclasses as rows of SQLite and as documents of MongoDB."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from streaming_app.backend.adapters.mongo.documents import from_document, to_document
from streaming_app.backend.adapters.sqlite.rows import from_row, insert_into, to_row
from streaming_app.backend.streams.model import Latency

AT = datetime(2026, 11, 28, 12, 0, 0, 250_000, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Inner:
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Sample:
    sample_id: str
    at: datetime
    gone_at: datetime | None
    latency: Latency
    is_new: bool
    names: tuple[str, ...]
    inner: Inner
    later: str = "default"


SAMPLE = Sample("s1", AT, None, Latency.REALTIME, is_new=True, names=("a", "b"), inner=Inner("::1", 1935))


def test_a_row_has_a_column_for_each_field() -> None:
    row = to_row(SAMPLE, {"at": "made_at"}, without={"later"})

    assert row == {
        "sample_id": "s1",
        "made_at": 1_795_867_200_250,
        "gone_at": None,
        "latency": "realtime",
        "is_new": True,
        "names": '["a", "b"]',
        "address": "::1",
        "port": 1935,
    }
    assert insert_into("t", {"a": 1, "b": 2}) == "INSERT INTO t (a, b) VALUES (:a, :b)"
    assert insert_into("t", {"a": 1}, verb="REPLACE") == "REPLACE INTO t (a) VALUES (:a)"


def test_a_row_is_converted_back_to_the_same_dataclass() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        row = to_row(SAMPLE, {"at": "made_at"})
        [kept] = connection.execute(f"SELECT {', '.join(f':{name} AS {name}' for name in row)}", row)

        read = from_row(Sample, kept, {"at": "made_at"})
        given = from_row(Sample, kept, {"at": "made_at"}, later="given")

    assert read == SAMPLE
    assert isinstance(read.latency, Latency)
    assert read.is_new is True
    assert given.later == "given"


def test_a_document_is_converted_back_to_the_same_dataclass() -> None:
    document = to_document(SAMPLE, {"sample_id": "_id"})

    assert document["_id"] == "s1"
    assert document["names"] == ["a", "b"]
    assert document["inner"] == {"address": "::1", "port": 1935}
    assert type(document["latency"]) is str
    assert from_document(Sample, document, {"sample_id": "_id"}) == SAMPLE


def test_missing_fields_of_an_old_document_are_given_or_have_defaults() -> None:
    document = to_document(SAMPLE)
    del document["later"]
    del document["latency"]

    assert from_document(Sample, document, latency=Latency.LOW).later == "default"
    assert from_document(Sample, document, latency=Latency.LOW).latency is Latency.LOW
