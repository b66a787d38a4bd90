"""Chat messages and who writes them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One line of one channel's chat."""

    message_id: str
    """The id of the event that carried it."""
    channel_id: str
    user_id: str
    username: str
    text: str
    sent_at: datetime
    position: int
    """Its place in the channel's order (``bus.position_of``)."""
