"""Lists in pages: opaque cursors, and the link to the next page."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar, cast

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field

from streaming_app.backend.errors import InvalidError

PAGE_DEFAULT = 20
PAGE_MAX = 100
_CURSOR_MAX = 300
_POSITION_MAX = 1 << 63

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T] = Field(description="The items of this page.")
    next: str | None = Field(
        description="Value of `cursor` for the next page, which is also in the header `Link`; `null` on the last page.",
        examples=["WyJhbm4iXQ"],
    )


@dataclass(frozen=True, slots=True)
class PaginationParameters:
    """The parameters of a request for one page of a list."""

    request: Request
    response: Response
    limit: Annotated[
        int, Query(ge=1, le=PAGE_MAX, description="Maximum number of items in the page.", examples=[20])
    ] = PAGE_DEFAULT
    cursor: Annotated[
        str,
        Query(
            max_length=_CURSOR_MAX,
            description="The value of `next` of the previous page; empty for the first page.",
            examples=[""],
        ),
    ] = ""

    def page_of(self, found: Sequence[T], place: Callable[[T], list[Any]]) -> tuple[Sequence[T], str | None]:
        """Return the page and its ``next``, from ``limit + 1`` items if there are as many, and set the header ``Link``.

        ``place`` returns what identifies the place of an item in the list: JSON values.
        """
        if len(found) <= self.limit:
            return found, None
        cursor = encode(place(found[self.limit - 1]))
        link = self.request.url.replace_query_params(**{**self.request.query_params, "cursor": cursor})
        self.response.headers["link"] = f'<{link.path}?{link.query}>; rel="next"'
        return found[: self.limit], cursor


Pagination = Annotated[PaginationParameters, Depends()]


def encode(place: list[Any]) -> str:
    """Return the opaque text of a place in a list."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> list[Any] | None:
    """Return the place, with values of these types, that ``cursor`` stands for; ``None`` if ``cursor`` is empty.

    Raises ``InvalidError`` for a text that is not the ``next`` of a page of this list.
    """
    if not cursor:
        return None
    try:
        place: Any = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise _invalid() from None
    if not isinstance(place, list):
        raise _invalid()
    values = cast("list[Any]", place)
    if [type(value) for value in values] != list(kinds) or not all(map(_is_possible, values)):
        raise _invalid()
    return values


def decode_time_and_id(cursor: str) -> tuple[datetime, str] | None:
    """Return the time and the id that ``cursor`` stands for; see ``decode``."""
    place = decode(cursor, int, str)
    if place is None:
        return None
    milliseconds, item_id = place
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC), item_id
    except (ValueError, OverflowError, OSError):
        raise _invalid() from None


def time_and_id(at: datetime, item_id: str) -> list[Any]:
    """Return the place of an item in a list that is sorted by time and id."""
    return [round(at.timestamp() * 1000), item_id]


def _is_possible(value: str | int) -> bool:
    return value.isascii() if isinstance(value, str) else 0 <= value < _POSITION_MAX


def _invalid() -> InvalidError:
    return InvalidError("cursor", "This cursor is not valid. Use the value of next, or start again without a cursor.")
