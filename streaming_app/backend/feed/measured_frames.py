"""Encodes the frames of chat, and measures how old the messages are when they are sent."""

from collections.abc import Sequence
from datetime import UTC, datetime

from streaming_app.backend.adapters.metrics.definitions import CHAT_DELIVERY
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.events import ChatControlEvent
from streaming_app.backend.feed import frames


class MeasuredFrames:
    """Implements ``chat.room.Encoder``. A frame is encoded once for all viewers, who get it at once."""

    def messages(self, messages: Sequence[ChatMessage]) -> bytearray:
        now = datetime.now(UTC)
        for message in messages:
            CHAT_DELIVERY.observe(max(0.0, (now - message.sent_at).total_seconds()))
        return frames.messages(messages)

    def control_event(self, event: ChatControlEvent, position: int) -> bytearray:
        return frames.control_event(event, position)
