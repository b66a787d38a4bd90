"""The events that processes exchange over the bus, and their encoding.

An event states a fact in the past tense and contains everything that a consumer needs. New fields need a default; any
other change needs a new topic version. Events never contain secrets.
"""

from streaming_app.backend.events.accounts import AccountDeleted, SessionRevoked
from streaming_app.backend.events.base import (
    ACCOUNTS_TOPIC,
    CHAT_TOPIC,
    DEAD_LETTER_SUFFIX,
    LOGS_TOPIC,
    STREAMS_TOPIC,
    TOPICS,
    VIEWS_TOPIC,
)
from streaming_app.backend.events.chat import (
    ChatControlEvent,
    ChatEmotesChanged,
    ChatMessagePayload,
    ChatMessagesDeleted,
    ChatMessageSent,
    ChatMessagesRestored,
    ChatModerated,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
    QuotedMessagePayload,
    RoleName,
)
from streaming_app.backend.events.codec import Event, UndecodableEventError, decode, encode
from streaming_app.backend.events.logs import LogRecorded
from streaming_app.backend.events.streams import (
    PublisherRefused,
    StreamEnded,
    StreamStarted,
    StreamUpdated,
    ViewersCounted,
)

__all__ = [
    "ACCOUNTS_TOPIC",
    "CHAT_TOPIC",
    "DEAD_LETTER_SUFFIX",
    "LOGS_TOPIC",
    "STREAMS_TOPIC",
    "TOPICS",
    "VIEWS_TOPIC",
    "AccountDeleted",
    "ChatControlEvent",
    "ChatEmotesChanged",
    "ChatMessagePayload",
    "ChatMessageSent",
    "ChatMessagesDeleted",
    "ChatMessagesRestored",
    "ChatModerated",
    "ChatPinned",
    "ChatRulesChanged",
    "ChatterBanned",
    "ChatterRoleChanged",
    "ChatterUnbanned",
    "Event",
    "LogRecorded",
    "PublisherRefused",
    "QuotedMessagePayload",
    "RoleName",
    "SessionRevoked",
    "StreamEnded",
    "StreamStarted",
    "StreamUpdated",
    "UndecodableEventError",
    "ViewersCounted",
    "decode",
    "encode",
]
