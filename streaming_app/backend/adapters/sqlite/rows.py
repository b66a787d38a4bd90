"""The mapping between dataclasses and SQLite rows.

Each field has a column. Times are stored as milliseconds since 1970, tuples as JSON. A nested dataclass has a column
for each of its fields.
"""

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Row = dict[str, object]
Columns = Mapping[str, str]
"""Maps a field of the dataclass to its column, where the two names differ."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SAME: Columns = {}
_END_OF_TIME = (1 << 63) - 1
"""Later than every time that is stored."""


def to_row(value: Any, columns: Columns = _SAME, without: Collection[str] = ()) -> Row:
    """Return the row of a dataclass, without the fields in ``without``."""
    row: Row = {}
    for field in [field for field in fields(value) if field.name not in without]:
        kept = getattr(value, field.name)
        if is_dataclass(kept):
            row |= to_row(kept)
        else:
            row[columns.get(field.name, field.name)] = to_column(kept)
    return row


def to_column(value: object) -> object:
    """Return a value as SQLite stores it."""
    match value:
        case datetime():
            return to_milliseconds(value)
        case tuple():
            return json.dumps(value)
        case _:
            return value


def from_row(kind: type[T], row: sqlite3.Row, columns: Columns = _SAME, **given: object) -> T:
    """Return the dataclass of a row. Fields in ``given`` are not read from the row."""
    read = {
        name: None if (kept := row[columns.get(name, name)]) is None else convert(kept)
        for name, convert in _converters(kind).items()
        if name not in given
    }
    nested = {name: from_row(inner, row) for name, inner in _nested(kind).items() if name not in given}
    return kind(**read, **nested, **given)


def insert_into(table: str, row: Row, verb: str = "INSERT") -> str:
    """Return the statement that inserts the row; with the verb ``REPLACE``, it replaces a row with the same key."""
    values = ", ".join(f":{column}" for column in row)
    return f"{verb} INTO {table} ({', '.join(row)}) VALUES ({values})"


def to_milliseconds(at: datetime) -> int:
    """Convert an aware time to milliseconds since 1970, the precision of MongoDB."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def row_before(place: tuple[datetime, str] | None) -> tuple[int, str]:
    """Return the time and id of a place in a list, newest first; without a place, of the list's start."""
    return (to_milliseconds(place[0]), place[1]) if place else (_END_OF_TIME, "")


def to_instant(milliseconds: Any) -> datetime:
    """Convert milliseconds since 1970 to an aware time in UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


@cache
def _nested(kind: type) -> dict[str, type]:
    """Return the fields that are dataclasses, with their classes."""
    return {name: hint for name, hint in get_type_hints(kind).items() if is_dataclass(hint) and isinstance(hint, type)}


@cache
def _converters(kind: type) -> dict[str, Callable[[Any], object]]:
    """Return functions that convert stored values to the other fields."""
    return {name: _converter(hint) for name, hint in get_type_hints(kind).items() if name not in _nested(kind)}


def _converter(hint: Any) -> Callable[[Any], object]:
    [kind] = [part for part in get_args(hint) if part is not NoneType] if NoneType in get_args(hint) else [hint]
    if kind is datetime:
        return to_instant
    if get_origin(kind) is tuple:
        return lambda kept: tuple(json.loads(kept))
    return kind if kind is bool or issubclass(kind, Enum) else lambda kept: kept
