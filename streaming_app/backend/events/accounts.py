"""Events about accounts and sessions."""

from typing import Literal

from streaming_app.backend.events.base import UserEvent


class SessionRevoked(UserEvent):
    """A session ended before it expired: the user signed out, or it was revoked."""

    type: Literal["SessionRevoked"] = "SessionRevoked"
