"""Causes of failures in words."""

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as RedisConnectionError

from streaming_app.backend.errors import StoreUnavailableError
from streaming_app.backend.failure_causes import cause_of, is_disk_full


def raised(fail: Callable[[], object]) -> Exception:
    try:
        fail()
    except Exception as failure:  # noqa: BLE001 - whatever it is
        return failure
    raise AssertionError


def full_database(folder: Path) -> None:
    with sqlite3.connect(folder / "small.sqlite3") as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (c)")
        connection.execute("INSERT INTO t VALUES (zeroblob(1000000))")


def write_to_a_full_disk(_: Path) -> None:
    Path("/dev/full").write_text("x", encoding="ascii")


def damaged_database(folder: Path) -> None:
    (folder / "damaged.sqlite3").write_bytes(b"no database" * 1000)
    sqlite3.connect(folder / "damaged.sqlite3").execute("SELECT * FROM sqlite_master")


@pytest.mark.parametrize(
    ("fail", "words"),
    [
        (write_to_a_full_disk, "the disk is full"),
        (full_database, "the disk is full"),
        (damaged_database, "the file is damaged"),
        (lambda folder: (folder / "nothing").read_text(), "no such file or directory"),
    ],
)
def test_a_real_failure_is_named_in_words(tmp_path: Path, fail: Callable[[Path], object], words: str) -> None:
    assert cause_of(raised(lambda: fail(tmp_path))) == words


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (TimeoutError(), "the time limit passed"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "the connection was refused"),
        (ConnectionError("secret"), "the connection was lost"),
        (RedisConnectionError("secret"), "the connection was lost"),
        (AuthenticationError("secret"), "an error of the type AuthenticationError"),
        (StoreUnavailableError("no server can be reached"), "no server can be reached"),
        (ValueError("a secret"), "an error of the type ValueError"),
    ],
    ids=repr,
)
def test_a_failure_is_named_in_words(failure: Exception, words: str) -> None:
    assert cause_of(failure) == words


def test_the_cause_of_a_failure_without_words_is_named() -> None:
    failure = ValueError("a secret")
    failure.__cause__ = OSError(errno.ENOSPC, "No space left on device")

    assert cause_of(failure) == "the disk is full"
    assert not is_disk_full(failure)
    assert is_disk_full(failure.__cause__)
