"""Sample users, channels, streams and messages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from streaming_app.backend.accounts.model import Session, Ticket, User
from streaming_app.backend.chat.model import (
    Ban,
    ChatMessage,
    Emote,
    HeldMessage,
    ModerationAction,
    ModerationLogEntry,
    QuotedMessage,
    Role,
)
from streaming_app.backend.streams.model import Channel, Publisher, Stream

NOW = datetime(2026, 11, 24, 12, 30, 15, 123_000, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

OBS = Publisher("17", "192.0.2.7", "FMLE/3.0 (compatible; FMSc/1.0)")
OBS_BACK_AGAIN = Publisher("23", "192.0.2.7", "FMLE/3.0 (compatible; FMSc/1.0)")

ANN = User("u-ann", "Ann", "Ann@Example.com", "$2b$12$hash", NOW)
SESSION = Session("s-1", "u-ann", NOW, NOW + timedelta(days=30))
TICKET = Ticket("t-1", "u-ann", NOW + timedelta(seconds=30))
CHANNEL = Channel("c-ann", "u-ann", "ann", "Ann", "Ann's stream", "Music", "k-ann", b"\x00\xffsealed", NOW)
STREAM = Stream("x-1", "c-ann", NOW, "Ann's stream", "Music", OBS, seen_at=NOW)
MESSAGE = ChatMessage("m-1", "c-ann", "u-ann", "Ann", "hello", NOW, 1)
ANSWER = ChatMessage("m-2", "c-ann", "u-bob", "Bob", "hi", NOW, 2**62, Role.OWNER, QuotedMessage("m-1", "Ann", "hello"))
BAN = Ban("c-ann", "u-troll", "troll", NOW, None, "spam", "Ann")
TIMEOUT = Ban("c-ann", "u-eve", "eve", NOW + timedelta(seconds=1), NOW + timedelta(minutes=10), "", "Bob")
ENTRY = ModerationLogEntry(
    "e-1",
    "c-ann",
    NOW,
    "Ann",
    ModerationAction.DELETE,
    "troll",
    "u-troll",
    "buy now",
    "spam",
    ("m-1", "m-2"),
    undo_data='{"a": 1}',
)
HELD = HeldMessage(
    "m-1",
    "c-ann",
    "u-eve",
    "eve",
    "SHOUT",
    Role.VIEWER,
    QuotedMessage("m-0", "Ann", "hello"),
    NOW,
    "written in capitals",
)
EMOTE = Emote("o-1", "c-ann", "Hype", "image/webp", 112, 64, NOW)


def user(name: str, **fields: Any) -> User:
    """Return a user with an id and address derived from ``name``."""
    return replace(User(f"u-{name}", name, f"{name}@example.com", "$2b$12$hash", NOW), **fields)


def channel(name: str, **fields: Any) -> Channel:
    """Return a channel with ids derived from ``name``."""
    made = Channel(f"c-{name}", f"u-{name}", name, name, f"{name}'s stream", "", f"k-{name}", b"sealed", NOW)
    return replace(made, **fields)


def message(number: int, **fields: Any) -> ChatMessage:
    """Return the message at position ``number`` of a channel."""
    made = ChatMessage(f"m-{number}", "c-ann", "u-ann", "Ann", f"line {number}", NOW + number * MILLISECOND, number)
    return replace(made, **fields)
