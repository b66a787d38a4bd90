"""The port that removes ways to sign in."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol


class SignInMethods(Protocol):
    """Removes ways to sign in, but never the last one of a user. This is exact also for concurrent calls.

    The ways to sign in are the password, each passkey, and each identity of a ``usable`` provider: one that the site
    offers. Both methods return whether the user had what they remove, and raise ``ForbiddenError`` if the user could
    not sign in afterwards.
    """

    async def remove_passkey(self, user_id: str, passkey_id: str, usable: Collection[str], now: datetime) -> bool:
        """Delete a passkey if it belongs to this user."""
        ...

    async def remove_identity(self, user_id: str, provider: str, usable: Collection[str], now: datetime) -> bool:
        """Delete the user's identity of this provider."""
        ...
