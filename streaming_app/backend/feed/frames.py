"""Encodes the frames of the feed. ``docs/feed.md`` documents them.

A frame is encoded once and sent to all subscribers, so nobody may change it. It begins with ``HEADROOM`` free bytes for
the websocket header.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from streaming_app.backend.chat.event_conversion import message_from_payload, rules_from_event
from streaming_app.backend.chat.hub import JoinSnapshot
from streaming_app.backend.chat.model import ChatMessage, ChatRules, Role
from streaming_app.backend.chat.rules_form import describe_to_chatters
from streaming_app.backend.events import (
    ChatControlEvent,
    ChatEmotesChanged,
    ChatMessagesDeleted,
    ChatMessagesRestored,
    ChatPinned,
    ChatRulesChanged,
    ChatterBanned,
    ChatterRoleChanged,
    ChatterUnbanned,
)
from streaming_app.backend.feed.frame_types import (
    BannedFrame,
    FeedChannel,
    FeedMessage,
    FeedRules,
    FeedStream,
    Frame,
    NoticeFrame,
    PinnedFrame,
    RoleFrame,
    RulesFrame,
    UnbannedFrame,
    WelcomeFrame,
)
from streaming_app.backend.streams.model import StreamState
from streaming_app.backend.streams.summary import StreamSummary
from streaming_app.backend.websockets import HEADROOM

WELCOME_MAX_BYTES = 256 * 1024
"""Maximum size of a ``welcome`` frame. A larger one is reduced to the newer messages, for slow viewers."""

ENCODED_MAX = 4096
"""Number of encoded messages that are cached: every viewer who joins gets the newest."""


def welcome(summary: StreamSummary | None, viewers: int, snapshot: JoinSnapshot) -> bytearray:
    """Encode the first frame of a channel's feed; ``summary`` is ``None`` if only known to be offline."""
    messages, resumed = snapshot.messages, snapshot.resumed
    channel: FeedChannel = {
        **_stream_at_welcome(summary),
        "viewers": viewers,
        "rules": _rules(snapshot.rules),
        "pinned": snapshot.pinned and _message(snapshot.pinned),
    }
    while True:
        content: WelcomeFrame = {"type": "welcome", "channel": channel, "resumed": resumed, "messages": []}
        if resumed and snapshot.deleted:
            content = {
                "type": "welcome",
                "channel": channel,
                "resumed": resumed,
                "deleted": list(snapshot.deleted),
                "messages": [],
            }
        frame = _frame(content, messages)
        if len(frame) <= HEADROOM + WELCOME_MAX_BYTES or len(messages) <= 1:
            return frame
        messages, resumed = messages[len(messages) // 2 :], False


def messages(messages: Sequence[ChatMessage]) -> bytearray:
    """Encode new messages."""
    return _frame({"type": "messages", "messages": []}, messages)


def control_event(event: ChatControlEvent, position: int) -> bytearray:
    """Encode a control event: an event that changes the chat but is not a message."""
    return _frame(_control_event(event, position))


def moderation() -> bytearray:
    """Encode the notification that the moderation page has changed."""
    return _frame({"type": "moderation"})


def studio() -> bytearray:
    """Encode the notification that the studio has changed."""
    return _frame({"type": "studio"})


def gap() -> bytearray:
    """Encode the mark that messages were dropped here, because the viewer is slow."""
    return _frame({"type": "gap"})


def viewers(viewers: int) -> bytearray:
    """Encode a new number of viewers."""
    return _frame({"type": "viewers", "viewers": viewers})


def stream(summary: StreamSummary) -> bytearray:
    """Encode a change of the channel's stream."""
    return _frame({"type": "stream", **_stream(summary)})


def catalog_welcome(digest: str) -> bytearray:
    """Encode the first frame of the catalog's feed."""
    return _frame({"type": "welcome", "digest": digest})


def catalog_changed(digest: str) -> bytearray:
    """Encode the notification that the list of live streams has changed."""
    return _frame({"type": "catalog", "digest": digest})


def error(message: str) -> bytearray:
    """Encode the reason for which the connection is about to be closed."""
    return _frame({"type": "error", "message": message})


def payload(frame: bytearray) -> bytes:
    """Return the frame without its headroom."""
    return bytes(frame[HEADROOM:])


def _control_event(event: ChatControlEvent, position: int) -> Frame:
    match event:
        case ChatMessagesDeleted(user_id=""):
            return {"type": "deleted", "ids": list(event.message_ids)}
        case ChatMessagesDeleted():
            return {"type": "deleted", "name": event.username, "until": str(position)}
        case ChatMessagesRestored():
            lines = [_message(message_from_payload(event.channel_id, line)) for line in event.lines]
            return {"type": "restored", "messages": lines}
        case ChatterBanned() | ChatterUnbanned() | ChatterRoleChanged():
            return _about_chatter(event)
        case ChatRulesChanged() | ChatPinned() | ChatEmotesChanged():
            return _about_room(event)


def _about_chatter(
    event: ChatterBanned | ChatterUnbanned | ChatterRoleChanged,
) -> BannedFrame | UnbannedFrame | RoleFrame:
    match event:
        case ChatterBanned():
            return {"type": "banned", "name": event.username, "until": event.until and _instant(event.until)}
        case ChatterUnbanned():
            return {"type": "unbanned", "name": event.username}
        case ChatterRoleChanged():
            return {"type": "role", "name": event.username, "role": Role(event.role)}


def _about_room(
    event: ChatRulesChanged | ChatPinned | ChatEmotesChanged,
) -> RulesFrame | PinnedFrame | NoticeFrame:
    match event:
        case ChatRulesChanged():
            return {"type": "rules", "rules": _rules(rules_from_event(event))}
        case ChatPinned():
            return {
                "type": "pinned",
                "message": event.line and _message(message_from_payload(event.channel_id, event.line)),
            }
        case ChatEmotesChanged():
            return {"type": "emotes"}


def _stream(summary: StreamSummary) -> FeedStream:
    is_over = summary.state is StreamState.OFFLINE
    return {
        "state": summary.state,
        "stream_id": summary.stream_id,
        "title": summary.title,
        "category": summary.category,
        "started_at": "" if is_over else _instant(summary.started_at),
        "ended_at": _instant(summary.ended_at) if summary.ended_at else "",
        "low_latency": summary.low_latency,
        "realtime": summary.realtime,
        "preview": summary.preview,
        "recording_id": summary.recording_id,
    }


def _stream_at_welcome(summary: StreamSummary | None) -> FeedStream:
    """Encode the stream for a ``welcome`` frame, without title and category if it has ended: they may be outdated."""
    if summary is None:
        return {"state": StreamState.OFFLINE}
    content = _stream(summary)
    if summary.state is StreamState.OFFLINE:
        content.pop("title", None)
        content.pop("category", None)
    return content


def _frame(content: Frame, messages: Sequence[ChatMessage] | None = None) -> bytearray:
    """Encode a frame; ``messages`` go into the empty list at the end of ``content``."""
    text = _json(content)
    if messages is not None:
        text = f"{text.removesuffix(']}')}{','.join(map(_encoded, messages))}]}}"
    return bytearray(HEADROOM) + text.encode()


def _json(content: Frame | FeedMessage) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=ENCODED_MAX)
def _encoded(message: ChatMessage) -> str:
    return _json(_message(message))


def _rules(rules: ChatRules) -> FeedRules:
    """Encode the rules that viewers may see."""
    return {
        "slow": rules.slow_seconds,
        "followers": rules.followers_only_minutes,
        "age": rules.account_age_minutes,
        "text": describe_to_chatters(rules),
    }


def _message(message: ChatMessage) -> FeedMessage:
    content: FeedMessage = {
        "id": message.message_id,
        "cursor": str(message.position),
        "name": message.username,
        "text": message.text,
        "at": _instant(message.sent_at),
    }
    if message.role is not Role.VIEWER:
        content["role"] = message.role
    if message.reply_to:
        quote = message.reply_to
        content["reply"] = {"id": quote.message_id, "name": quote.username, "text": quote.text or None}
    return content


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
