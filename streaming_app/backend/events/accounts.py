"""Events about accounts and sessions."""

from typing import ClassVar, Literal

from streaming_app.backend.events.base import ACCOUNTS_TOPIC, BaseEvent


class AccountDeleted(BaseEvent):
    """An account was deleted, with everything that belonged to it. Consumers delete their copies of its data."""

    topic: ClassVar[str] = ACCOUNTS_TOPIC

    user_id: str
    username: str
    """The name in the messages of the user."""
    channel_id: str = ""
    """Id of the user's channel; empty if there was none."""
    type: Literal["AccountDeleted"] = "AccountDeleted"

    @property
    def key(self) -> str:
        """The partition key: events of the same user stay in order."""
        return self.user_id


class SessionRevoked(BaseEvent):
    """A session ended before it expired: the user signed out, or it was revoked."""

    topic: ClassVar[str] = ACCOUNTS_TOPIC

    user_id: str
    type: Literal["SessionRevoked"] = "SessionRevoked"

    @property
    def key(self) -> str:
        """The partition key: events of the same user stay in order."""
        return self.user_id
