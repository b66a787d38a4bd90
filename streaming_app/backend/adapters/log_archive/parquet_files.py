"""Parquet files in folders by day: ``events/day=2026-11-29/streaming.chat.v1-0-00000000000000000042.parquet``.

A file is named after the partition and the first offset of its rows. Files of one partition that are written again
after a failure begin at the same committed offset, so each of them replaces the one from before.
"""

import logging
import shutil
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from streaming_app.backend.adapters.kafka import StoredEvent
from streaming_app.backend.adapters.log_archive.rows import EVENT_COLUMNS, LOG_COLUMNS, Row, row_of
from streaming_app.backend.disk_sync import sync
from streaming_app.backend.events import LogRecorded

log = logging.getLogger(__name__)

EVENTS, LINES = "events", "lines"
"""Names of the two data sets."""
UNFINISHED = ".unfinished"
"""Ending of a file while it is written."""
_DAY = "day="
_ARROW = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("ms", tz="UTC"),
}
SCHEMAS = {
    name: pa.schema([(column, _ARROW[kind]) for column, kind in columns.items()])
    for name, columns in ((EVENTS, EVENT_COLUMNS), (LINES, LOG_COLUMNS))
}


class ParquetFiles:
    """Writes events to files below ``folder``, and deletes old files."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._key = key
        """Key of the pseudonyms of users."""

    def write(self, events: Sequence[StoredEvent]) -> None:
        """Write ``events``, which are in order, and return when they are on disk. Raises ``OSError``."""
        rows: defaultdict[Path, list[Row]] = defaultdict(list)
        files: dict[tuple[str, str, int, str], Path] = {}
        for stored in events:
            dataset = LINES if isinstance(stored.event, LogRecorded) else EVENTS
            day = f"{_DAY}{stored.appended_at:%Y-%m-%d}"
            name = f"{stored.topic}-{stored.partition}-{stored.offset:020}.parquet"
            file = files.setdefault((dataset, stored.topic, stored.partition, day), self._folder / dataset / day / name)
            rows[file].append(row_of(stored, self._key))
        for file, those in rows.items():
            self._write_file(file, those)

    def delete_before(self, oldest: datetime) -> None:
        """Delete the days before ``oldest``, and files that were not finished. Raises ``OSError``."""
        first = f"{_DAY}{oldest.astimezone(UTC):%Y-%m-%d}"
        for day in self._folder.glob(f"*/{_DAY}*"):
            if day.name < first:
                shutil.rmtree(day)
                log.info("Old logs were deleted: %s", day.relative_to(self._folder))

    def delete_unfinished(self) -> None:
        """Delete the files that a killed process did not finish. Raises ``OSError``."""
        for file in self._folder.glob(f"*/{_DAY}*/*{UNFINISHED}"):
            file.unlink()

    def _write_file(self, file: Path, rows: Sequence[Row]) -> None:
        schema = SCHEMAS[file.parent.parent.name]
        columns = {name: [row[name] for row in rows] for name in schema.names}
        draft = file.with_name(file.name + UNFINISHED)
        _make_folder(file.parent, self._folder)
        try:
            pq.write_table(pa.table(columns, schema=schema), draft, compression="zstd")
        except pa.ArrowException as failed:  # for example, an error of the disk
            raise OSError(str(failed)) from failed
        sync(draft)
        draft.replace(file)
        sync(file.parent)


def _make_folder(folder: Path, top: Path) -> None:
    """Make the folder, and write the names of new folders to disk."""
    missing = [each for each in (folder, *folder.parents) if not each.exists() and each.is_relative_to(top.parent)]
    folder.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync(each.parent)
