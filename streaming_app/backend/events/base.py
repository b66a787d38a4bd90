"""The topics and the base classes of events."""

from typing import ClassVar
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

STREAMS_TOPIC = "streaming.streams.v1"
CHAT_TOPIC = "streaming.chat.v1"
VIEWS_TOPIC = "streaming.views.v1"
ACCOUNTS_TOPIC = "streaming.accounts.v1"
LOGS_TOPIC = "streaming.logs.v1"
TOPICS = (STREAMS_TOPIC, CHAT_TOPIC, VIEWS_TOPIC, ACCOUNTS_TOPIC, LOGS_TOPIC)

DEAD_LETTER_SUFFIX = ".dead"
"""Suffix of the topic that receives the records which a consumer cannot decode."""


class BaseEvent(BaseModel):
    """Fields of all events."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]

    event_id: str = Field(default_factory=lambda: uuid4().hex)
    """Unique. Consumers use it as the id of what they create, so a second delivery has no effect."""
    at: AwareDatetime
    """Time of the event, UTC."""


class ChannelEvent(BaseEvent):
    """An event of one channel."""

    channel_id: str

    @property
    def key(self) -> str:
        """The partition key: events of the same channel stay in order."""
        return self.channel_id
