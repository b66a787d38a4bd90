"""Output of results: a table for people, then one line of JSON for each result for programs."""

import json
import os
from collections.abc import Mapping, Sequence

Row = Mapping[str, object]


def load() -> float:
    """Return the average number of processes that needed a core during the last minute.

    When it exceeds the number of cores, the figures mean little.
    """
    return round(os.getloadavg()[0], 1)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the percentile of the values for a share between 0 and 1. There must be at least one value."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def print_results(rows: Sequence[Row]) -> None:
    """Print all results. All must have the keys of the first one."""
    if not rows:
        return
    names = list(rows[0])
    lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(names))]
    for line in lines:
        cells = [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]
        print("  ".join(cells))
    print()
    for row in rows:
        print(json.dumps(row))
    print(flush=True)


def _cell(value: object) -> str:
    return "-" if value is None else str(value)
