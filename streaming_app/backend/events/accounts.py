"""Events about accounts and sessions."""

from typing import ClassVar, Literal

from streaming_app.backend.events.base import ACCOUNTS_TOPIC, BaseEvent


class SessionRevoked(BaseEvent):
    """A session ended before it expired: the user signed out, or it was revoked."""

    topic: ClassVar[str] = ACCOUNTS_TOPIC

    user_id: str
    type: Literal["SessionRevoked"] = "SessionRevoked"

    @property
    def key(self) -> str:
        """The partition key: events of the same user stay in order."""
        return self.user_id
