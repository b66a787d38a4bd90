"""The scopes of API tokens. A program may do with a token only what the token's scopes allow."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from streaming_app.backend.errors import InvalidError


class TokenScope(StrEnum):
    """One right of a token. The values are stored and part of the API."""

    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    CHANNEL_WRITE = "channel:write"
    STATS_READ = "stats:read"
    FOLLOWS_READ = "follows:read"
    FOLLOWS_WRITE = "follows:write"
    CHAT_WRITE = "chat:write"
    CHAT_MODERATE = "chat:moderate"
    RECORDINGS_WRITE = "recordings:write"


SCOPE_DESCRIPTIONS: dict[TokenScope, str] = {
    TokenScope.PROFILE_READ: "See your profile, including your email address",
    TokenScope.PROFILE_WRITE: "Change your display name and your picture",
    TokenScope.SESSIONS_READ: "See where you are signed in",
    TokenScope.SESSIONS_WRITE: "Sign out your browsers",
    TokenScope.CHANNEL_WRITE: "Change the title and category of your channel",
    TokenScope.STATS_READ: "See the viewers, the health and the storage of your channel",
    TokenScope.FOLLOWS_READ: "See which channels you follow",
    TokenScope.FOLLOWS_WRITE: "Follow and unfollow channels",
    TokenScope.CHAT_WRITE: "Post chat messages as you",
    TokenScope.CHAT_MODERATE: "Use chat commands as you, such as /timeout and /ban (with chat:write)",
    TokenScope.RECORDINGS_WRITE: "Delete your recordings",
}
"""What each scope allows, in words for the token's owner."""

FIRST_SCOPES = (TokenScope.CHAT_WRITE.value, TokenScope.CHAT_MODERATE.value)
"""The scopes of tokens that were created before tokens had scopes: they could post messages and commands."""

TOKEN_LIFETIMES: dict[str, timedelta | None] = {
    "7": timedelta(days=7),
    "30": timedelta(days=30),
    "90": timedelta(days=90),
    "365": timedelta(days=365),
    "never": None,
}
"""The lifetimes that users can choose, by the value of the form's field."""


def clean_scopes(scopes: Collection[str]) -> tuple[str, ...]:
    """Return ``scopes`` without duplicates, in the order of ``TokenScope``; raises ``InvalidError``."""
    if set(scopes) - set(TokenScope):
        raise InvalidError("scopes", "This token would have a right that does not exist. Reload the page.")
    if not scopes:
        raise InvalidError("scopes", "Choose what the token may do.")
    return tuple(scope.value for scope in TokenScope if scope in scopes)


def parse_lifetime(choice: str) -> timedelta | None:
    """Return the lifetime for a ``choice`` of the form, ``None`` if it is unlimited; raises ``InvalidError``."""
    if choice not in TOKEN_LIFETIMES:
        raise InvalidError("lifetime", "Choose how long the token is valid.")
    return TOKEN_LIFETIMES[choice]
