"""The data classes of users, sessions, sign-in tickets and API tokens."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from streaming_app.backend.accounts.token_scopes import FIRST_SCOPES, TokenScope


class SiteRole(StrEnum):
    """The role of a user on the whole site, in ascending order of rights. The values are stored."""

    USER = "user"
    MODERATOR = "moderator"
    """Moderates every channel's chat, handles reports and suspends users."""
    ADMIN = "admin"
    """May do everything."""

    @property
    def rank(self) -> int:
        """Position in the order of rights."""
        return list(SiteRole).index(self)


@dataclass(frozen=True, slots=True)
class User:
    """A user account."""

    user_id: str
    """Opaque; never shown."""
    username: str
    """As the user typed it; unique without regard to case. In lower case, it is the slug of the user's channel."""
    email: str
    """Unique without regard to case."""
    password_hash: str
    """Empty if the user has no password and signs in with a linked account."""
    created_at: datetime
    banned: bool = False
    """Suspended: banned from the whole site. Signed out, the user may watch, but not chat or stream.

    Nobody can watch the user's recordings.
    """
    session_generation: int = 0
    """Increases when all sessions end at once. Sessions and tickets of an earlier generation are not valid."""
    email_confirmed_at: datetime | None = None
    """When the user proved that they receive mail at ``email``; ``None`` if they did not."""
    site_role: SiteRole = SiteRole.USER
    banned_until: datetime | None = None
    """End of the suspension; ``None`` if it has no end, or the user is not suspended."""
    ban_reason: str = ""
    """Reason of the suspension, shown to the user; may be empty."""
    deletes_at: datetime | None = None
    """When the account will be deleted, if its owner asked for that. Until then the account is hidden."""
    display_name: str = ""
    """The name that is shown instead of the username, not unique; empty if the user has chosen none."""
    avatar_id: str = ""
    """Id of the user's picture; empty if there is none."""

    token_generation: int = 0
    """Increases when all API tokens end at once. Tokens of an earlier generation are not valid."""

    @property
    def shown_name(self) -> str:
        """The display name, or else the username."""
        return self.display_name or self.username

    @property
    def is_admin(self) -> bool:
        """Whether the user is an admin of the site."""
        return self.site_role is SiteRole.ADMIN

    @property
    def has_password(self) -> bool:
        """Whether the user can sign in with a password, not only with a linked account."""
        return self.password_hash != ""


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in of a user in one browser. The session cookie is valid while this record exists."""

    session_id: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    generation: int = 0
    """The user's ``session_generation`` at the time of the sign-in."""
    device: str = ""
    """The browser and operating system, such as "Firefox on Linux"; empty if unknown."""
    address: str = ""
    """IP address of the sign-in; of IPv6, the /64 network."""
    seen_at: datetime | None = None
    """About when the session was last used; ``None`` in sessions from before this was stored."""

    @property
    def public_id(self) -> str:
        """An identifier for pages. Unlike ``session_id``, it is of no use to somebody who could sign tokens."""
        return hashlib.sha256(self.session_id.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A secret that is usable once: a right to one new session, or to set a new password.

    The sign-in form passes the former to the request that sets the cookie. The latter is in a password reset link.
    """

    ticket_hash: str
    user_id: str
    expires_at: datetime
    generation: int = 0
    """The user's ``session_generation`` when the ticket was created."""
    has_all_factors: bool = False
    """Whether the user has authenticated by all factors of the account, so that no second step is needed."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token with which a user's program authenticates, until it expires or the user revokes it."""

    token_id: str
    user_id: str
    name: str
    """The user's description of the token."""
    token_hash: str
    created_at: datetime
    scopes: tuple[str, ...] = FIRST_SCOPES
    """Values of ``TokenScope``."""
    expires_at: datetime | None = None
    """``None`` if the token does not expire."""
    last_used_at: datetime | None = None
    """About when the token was last used; ``None`` if never, or not since this is stored."""
    generation: int = 0
    """The user's ``token_generation`` when the token was created."""

    def allows(self, scope: TokenScope) -> bool:
        """Whether the token has this scope."""
        return scope.value in self.scopes

    def is_expired(self, now: datetime) -> bool:
        """Whether the token is no longer valid."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class Claims:
    """The content of a verified session token. Everything else is read from the store."""

    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session, and the token for its cookie."""

    user: User
    token: str
    expires_at: datetime
