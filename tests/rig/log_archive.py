"""Reads the Parquet files of events and log lines."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def rows_in(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of all files below ``folder``, in the order of topic, partition and offset."""
    rows: list[dict[str, Any]] = []
    for file in folder.rglob("*.parquet"):
        rows += pq.ParquetFile(file).read().to_pylist()
    return sorted(rows, key=lambda row: (row["topic"], row["partition"], row["offset"]))
