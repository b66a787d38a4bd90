"""The mapping between dataclasses and MongoDB documents, and type aliases for the driver's generic types."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from motor.motor_asyncio import AsyncIOMotorCollection, AsyncIOMotorDatabase

T = TypeVar("T")
Document = dict[str, Any]
Collection = AsyncIOMotorCollection[Document]
Database = AsyncIOMotorDatabase[Document]
Names = Mapping[str, str]
"""Maps a field of the dataclass to its name in the document, where the two differ."""

_SAME: Names = {}


def newest_before(field: str, place: tuple[datetime, str] | None, id_field: str = "_id") -> Document:
    """Return the query for what comes after ``place`` in a list sorted by ``field`` and id, both descending."""
    if place is None:
        return {}
    at, item_id = place
    return {"$or": [{field: {"$lt": at}}, {field: at, id_field: {"$lt": item_id}}]}


def to_document(value: Any, names: Names = _SAME) -> Document:
    """Return the document of a dataclass."""
    return {names.get(field.name, field.name): to_value(getattr(value, field.name)) for field in fields(value)}


def to_value(value: Any) -> Any:
    """Return a value as MongoDB stores it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return list(value)
    return to_document(value) if is_dataclass(value) else value


def from_document(kind: type[T], document: Document, names: Names = _SAME, **given: object) -> T:
    """Return the dataclass of a document.

    Fields that are missing in an old document get their values from ``given``, or else their defaults.
    """
    read = {
        name: None if (kept := document[names.get(name, name)]) is None else convert(kept)
        for name, convert in _converters(kind).items()
        if names.get(name, name) in document
    }
    return kind(**{**given, **read})


@cache
def _converters(kind: type) -> dict[str, Callable[[Any], object]]:
    return {name: _converter(hint) for name, hint in get_type_hints(kind).items()}


def _converter(hint: Any) -> Callable[[Any], object]:
    [kind] = [part for part in get_args(hint) if part is not NoneType] if NoneType in get_args(hint) else [hint]
    if get_origin(kind) is tuple:
        return tuple
    if is_dataclass(kind):
        return lambda kept: from_document(cast("type[object]", kind), kept)
    return kind if kind in {int, float} or issubclass(kind, Enum) else lambda kept: kept
