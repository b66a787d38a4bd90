"""How results are told: a table for people, then one line of JSON each for programs."""

import json
import os
from collections.abc import Mapping, Sequence

Row = Mapping[str, object]


def load() -> float:
    """How many processes wanted a core during the last minute: beyond the cores that there are, figures mean little."""
    return round(os.getloadavg()[0], 1)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which lies this share of all; there must be one."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def tell(rows: Sequence[Row]) -> None:
    """Print all results; what the first has, all have."""
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
