"""Users, sessions and sign-in tickets."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class User:
    """An account."""

    user_id: str
    """Opaque; never shown."""
    username: str
    """As its owner wrote it; unique without regard to case, and the slug of the user's channel."""
    email: str
    """Unique without regard to case."""
    password_hash: str
    created_at: datetime
    banned: bool = False
    """Banned from the whole site: may look on, may not say or stream anything."""
    is_admin: bool = False
    """Of the whole site: moderates every channel's chat."""


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in of one user in one browser. While the record stands, its cookie opens."""

    session_id: str
    user_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """A single use right to a new session: what a sign-in form hands to the request that sets the cookie."""

    ticket_hash: str
    user_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What a user's program shows instead of a session, until its owner revokes it."""

    token_id: str
    user_id: str
    name: str
    """What it is for, in its owner's words."""
    token_hash: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says; everything else is read from the store."""

    user_id: str
    session_id: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session and the token that stands for it in the cookie."""

    user: User
    token: str
    expires_at: datetime
