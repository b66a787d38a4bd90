"""Parses and checks feed requests. ``docs/feed.md`` documents the protocol."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from streaming_app.backend.accounts.same_origin import OwnPages, asked_origin
from streaming_app.backend.errors import ForbiddenError, InvalidError, NotFoundError

_PATH = re.compile(r"/feed/(?P<channel_id>[A-Za-z0-9_-]{0,64})")
_CURSOR = re.compile(r"[0-9]{1,19}")
_CURSOR_MAX = 2**63 - 1
_QUERY_FIELDS_MAX = 20


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """The channel and the position that a browser connects with."""

    channel_id: str
    """Empty for the catalog."""
    after: int | None
    """Position of the last message that the browser has, if any."""


def parse_request(target: bytes) -> FeedRequest:
    """Parse the target of an HTTP request line; raises ``NotFoundError`` or ``InvalidError``."""
    address, _, query = target.decode("ascii", "replace").partition("?")
    path = _PATH.fullmatch(address)
    if path is None:
        raise NotFoundError("Unknown feed. Connect to /feed/ or /feed/<channel_id>.")
    return FeedRequest(path["channel_id"], _cursor(query))


def check_origin(headers: Mapping[str, str], own_pages: OwnPages) -> None:
    """Raises ``ForbiddenError`` for pages of other sites. Programs send no ``Origin`` header and are accepted."""
    origin = headers.get("Origin")
    asked = asked_origin(headers.get("Host", ""), headers.get("X-Forwarded-Proto", ""))
    if origin is not None and not own_pages.include(origin, asked):
        raise ForbiddenError("Pages of other sites may not read this feed.")


def _cursor(query: str) -> int | None:
    try:
        given = parse_qs(query, max_num_fields=_QUERY_FIELDS_MAX).get("after", [])
    except ValueError:
        raise InvalidError("after", "The query has too many fields.") from None
    if not given:
        return None
    if len(given) > 1 or not _CURSOR.fullmatch(given[0]) or int(given[0]) > _CURSOR_MAX:
        raise InvalidError("after", "after must be the cursor of a message, given once.")
    return int(given[0])
