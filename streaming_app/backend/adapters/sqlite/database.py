"""Access to a SQLite file from asyncio, with one thread for writing, one for reading and one for checkpoints."""

import asyncio
import math
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import TypeVar

from streaming_app.backend.accounts.look_alike_names import skeleton
from streaming_app.backend.adapters.outage_reporter import OutageReporter
from streaming_app.backend.adapters.sqlite.migration_copies import keep_copy
from streaming_app.backend.adapters.sqlite.migrations import STEPS
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.errors import SetupError

MEMORY = ":memory:"
"""The path of an in-memory database."""

BUSY_SECONDS = 5
"""Maximum time to wait for another process that writes to the same file."""

BUSY_PAUSE_SECONDS = 0.02

SYNC_SECONDS = 1.0
"""Interval of checkpoints. A power cut loses at most the unsynced writes of this time."""


Parameters = Mapping[str, object] | Sequence[object]
T = TypeVar("T")


class Database:
    """A connection for writing and one for reading, each in its own thread. In WAL mode they do not block each other.

    Every write is a transaction that is synced to disk when the method returns, unless stated otherwise. A read sees
    all writes that returned before it. If the file cannot be read or written, for example because the disk is full,
    all methods raise ``StoreUnavailableError``.
    """

    def __init__(self, writer: "_Connection", reader: "_Connection", syncer: "_Connection") -> None:
        self._writer = writer
        self._reader = reader
        self._syncer = syncer
        self._is_unsynced = False
        self._outages = OutageReporter(
            "The database", (sqlite3.Error,), (sqlite3.IntegrityError, sqlite3.ProgrammingError)
        )

    async def rows(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._outages.watch():
            return await self._reader.run(lambda connection: connection.execute(sql, parameters).fetchall())

    async def write(self, sql: str, parameters: Parameters = ()) -> int:
        """Run one statement and return the number of matched rows."""
        with self._outages.watch():
            return await self._writer.run(lambda connection: connection.execute(sql, parameters).rowcount)

    async def transact(
        self, work: Callable[[sqlite3.Connection], T], *, synced: bool = True, within_seconds: float = math.inf
    ) -> T:
        """Run ``work`` in a transaction, which is rolled back if ``work`` raises.

        If not ``synced``, the call does not wait for the disk: the changes survive the end of the process at once, and
        a power cut after ``SYNC_SECONDS``. A transaction that cannot begin ``within_seconds`` fails without changes.
        """
        deadline = monotonic() + within_seconds

        def whole(connection: sqlite3.Connection) -> T:
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                if monotonic() > deadline:
                    message = "other transactions took too long"
                    raise sqlite3.OperationalError(message)
                return work(connection)

        def unsynced(connection: sqlite3.Connection) -> T:
            connection.execute("PRAGMA synchronous = NORMAL")
            try:
                return whole(connection)
            finally:
                connection.execute("PRAGMA synchronous = FULL")

        with self._outages.watch():
            if synced:
                return await self._writer.run(whole)
            result = await self._writer.run(unsynced)
            self._is_unsynced = True
            return result

    async def keep_synced(self) -> None:
        """Sync the unsynced writes to disk, periodically."""
        while True:
            await asyncio.sleep(SYNC_SECONDS)
            if self._is_unsynced:
                self._is_unsynced = False
                with suppress(sqlite3.Error):  # the next write fails in the same way and reports it
                    await self._syncer.run(
                        # fetchall: no transaction of the same connection can end while its result is unread.
                        lambda connection: connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    )


class _Connection:
    """A connection and the only thread that uses it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None

    async def open(self, path: str | Path, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self._connection = await self._in_thread(lambda: _connect(path))
        await self.run(prepare)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            message = "the database is not open"
            raise RuntimeError(message)
        return await self._in_thread(lambda: work(connection))

    async def close(self) -> None:
        if self._connection is not None:
            await self.run(sqlite3.Connection.close)
        self._connection = None
        self._thread.shutdown()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@asynccontextmanager
async def open_database(path: str | Path) -> AsyncGenerator[Database, None]:
    """Open the database in the file ``path`` (or ``MEMORY``); create or migrate it first. Raises ``SetupError``."""
    async with AsyncExitStack() as stack:
        try:
            writer = reader = syncer = await stack.enter_async_context(_opened(path, _prepare_writer))
            if str(path) != MEMORY:
                reader = await stack.enter_async_context(_opened(path, _prepare_reader))
                syncer = await stack.enter_async_context(_opened(path, _prepare_syncer))
        except (OSError, sqlite3.Error) as error:
            message = f"The database {path} cannot be used: {error}."
            raise SetupError(message) from error
        database = Database(writer, reader, syncer)
        async with in_background(database.keep_synced()):
            yield database


@asynccontextmanager
async def _opened(path: str | Path, prepare: Callable[[sqlite3.Connection], None]) -> AsyncGenerator[_Connection]:
    connection = _Connection()
    try:
        await connection.open(path, prepare)
        yield connection
    finally:
        await connection.close()


def _connect(path: str | Path) -> sqlite3.Connection:
    if str(path) != MEMORY:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch(mode=0o600)  # the file contains password hashes
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def _prepare_writer(connection: sqlite3.Connection) -> None:
    _use_wal(connection)
    # NORMAL survives a killed process but not a power cut: in WAL mode it does not sync at commit.
    connection.execute("PRAGMA synchronous = FULL")
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(STEPS):
            message = f"it was created by a newer version of this program (schema {version}, supported: {len(STEPS)})"
            raise sqlite3.DatabaseError(message)
        [(*_, path)] = connection.execute("PRAGMA database_list").fetchall()
        if path and 0 < version < len(STEPS):
            keep_copy(Path(path), len(STEPS))
        connection.create_function("skeleton_of", 1, skeleton, deterministic=True)
        for step in STEPS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Enable WAL mode. If another process creates the same file, SQLite fails at once, so this function retries."""
    deadline = monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as refused:
            if refused.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > deadline:
                raise
            sleep(BUSY_PAUSE_SECONDS)
        else:
            return


def _prepare_syncer(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")


def _prepare_reader(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
