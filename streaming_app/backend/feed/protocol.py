"""The feed as it travels: what a browser may ask for, and the frames it gets. ``docs/feed.md`` is the public text."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from streaming_app.backend.chat.hub import Said
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.errors import ForbiddenError, InvalidError, NotFoundError
from streaming_app.backend.streams.model import StreamState

_PATH = re.compile(r"/feed/(?P<channel_id>[A-Za-z0-9_-]{0,64})")
_CURSOR = re.compile(r"[0-9]{1,19}")
_CURSOR_MAX = 2**63 - 1
_QUERY_FIELDS_MAX = 20

WELCOME_MAX_BYTES = 256 * 1024
"""A welcome that would be larger shows only the newer messages: a slow viewer must be able to take it."""


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """What a browser wants to hear."""

    channel_id: str
    """Empty: the catalog."""
    after: int | None
    """The position of the last message that it has."""


def read_request(target: bytes) -> FeedRequest:
    """The request in a request line's target; raises ``NotFoundError`` or ``InvalidError``."""
    address, _, query = target.decode("ascii", "replace").partition("?")
    path = _PATH.fullmatch(address)
    if path is None:
        raise NotFoundError("There is no such feed. Connect to /feed/ or /feed/<channel_id>.")
    return FeedRequest(path["channel_id"], _cursor(query))


def check_origin(headers: Mapping[str, str], public_host: str | None) -> None:
    """Raises ``ForbiddenError`` for a page of another site. Programs send no ``Origin``, and may read."""
    origin = headers.get("Origin")
    if origin is None:
        return
    own = {_hostname(headers.get("Host", "")), _hostname(headers.get("X-Forwarded-Host", "")), public_host} - {None}
    scheme, _, authority = origin.partition("://")
    if scheme not in {"http", "https"} or _hostname(authority) not in own:
        raise ForbiddenError("Pages of other sites may not read this feed.")


def chat_welcome(state: StreamState, viewers: int, said: Said) -> bytes:
    """The first frame of a channel's feed."""
    messages, resumed = said.messages, said.resumed
    while True:
        frame = _frame(
            {
                "type": "welcome",
                "channel": {"state": state, "viewers": viewers},
                "messages": [_message(message) for message in messages],
                "resumed": resumed,
            }
        )
        if len(frame) <= WELCOME_MAX_BYTES or len(messages) <= 1:
            return frame
        messages, resumed = messages[len(messages) // 2 :], False


def chat_messages(messages: Sequence[ChatMessage]) -> bytes:
    """Messages as they are said."""
    return _frame({"type": "messages", "messages": [_message(message) for message in messages]})


def channel_viewers(viewers: int) -> bytes:
    """The channel's audience has changed."""
    return _frame({"type": "viewers", "viewers": viewers})


def channel_stream(state: StreamState) -> bytes:
    """The channel's stream has changed: its state or its words."""
    return _frame({"type": "stream", "state": state})


def catalog_welcome() -> bytes:
    """The first frame of the catalog's feed."""
    return _frame({"type": "welcome"})


def catalog_changed() -> bytes:
    """The list of what is live has changed: read it again."""
    return _frame({"type": "catalog"})


def error(message: str) -> bytes:
    """Why the connection is about to be closed."""
    return _frame({"type": "error", "message": message})


def _frame(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _message(message: ChatMessage) -> dict[str, str]:
    return {
        "id": message.message_id,
        "cursor": str(message.position),
        "name": message.username,
        "text": message.text,
        "at": message.sent_at.isoformat(timespec="milliseconds"),
    }


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


def _hostname(authority: str) -> str | None:
    try:
        return urlsplit(f"//{authority}").hostname
    except ValueError:
        return None
