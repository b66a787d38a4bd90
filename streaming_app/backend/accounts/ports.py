"""What accounts need from technology. Two stores implement the first four, held by the same contract tests."""

from datetime import datetime
from typing import Protocol

from streaming_app.backend.accounts.model import ApiToken, Claims, Session, Ticket, User


class Users(Protocol):
    """All accounts."""

    async def add(self, user: User) -> None:
        """Raises ``TakenError`` for ``username`` or ``email`` when another user has it in any case."""
        ...

    async def get(self, user_id: str) -> User:
        """Raises ``NotFoundError``."""
        ...

    async def get_by_login(self, login: str) -> User:
        """The user with this username or email, without regard to case; raises ``NotFoundError``."""
        ...

    async def check_free(self, username: str, email: str) -> None:
        """Raises ``TakenError`` as ``add`` would. It may be taken a moment later all the same."""
        ...

    async def replace_password_hash(self, user_id: str, old: str, new: str) -> None:
        """Keep ``new`` in place of ``old``; nothing happens when another one is kept by now."""
        ...

    async def set_banned(self, user_id: str, *, banned: bool) -> None:
        """Raises ``NotFoundError``."""
        ...

    async def set_admin(self, user_id: str, *, is_admin: bool) -> None:
        """Raises ``NotFoundError``."""
        ...


class Sessions(Protocol):
    """All sessions that stand."""

    async def add(self, session: Session) -> None:
        """Keep a new session."""
        ...

    async def get(self, session_id: str, now: datetime) -> Session:
        """Raises ``NotFoundError`` when there is none or it has expired."""
        ...

    async def remove(self, session_id: str) -> None:
        """End a session; one that is gone already is fine."""
        ...

    async def remove_all_of(self, user_id: str) -> None:
        """End every session of a user."""
        ...


class Tickets(Protocol):
    """Sign-in tickets that wait to be redeemed."""

    async def add(self, ticket: Ticket) -> None:
        """Keep a ticket until it is taken or expires."""
        ...

    async def take(self, ticket_hash: str, now: datetime) -> Ticket:
        """Remove and return it, once however many ask; raises ``NotFoundError`` when gone, unknown or expired."""
        ...


class ApiTokens(Protocol):
    """All API tokens that stand."""

    async def add(self, token: ApiToken) -> None:
        """Keep a new token."""
        ...

    async def get_by_hash(self, token_hash: str) -> ApiToken:
        """Raises ``NotFoundError``."""
        ...

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        """A user's, newest first."""
        ...

    async def remove(self, user_id: str, token_id: str) -> None:
        """End one of a user's tokens; one that is gone already, or somebody else's, is fine."""
        ...


class Passwords(Protocol):
    """Slow, salted hashing of passwords, without blocking the loop.

    Registrations and sign-ins have queues of their own, so that neither holds up the other. Both raise ``BusyError``
    when too many wait; ``address`` is who asks, for turns that are fair.
    """

    async def hash(self, password: str, address: str) -> str:
        """A new hash with its own salt, of a ``password`` in its normal form: for a registration."""
        ...

    async def matches(self, password: str, password_hash: str | None, address: str, *, is_known: bool = False) -> bool:
        """Whether ``password``, as typed, made the hash: for a sign-in; known browsers go first.

        ``None`` takes as long and is false: no one learns who has an account.
        """
        ...

    async def rehash(self, password: str, password_hash: str, address: str) -> str:
        """A new hash of a ``password`` that has just matched; empty when the hash is made as new ones are."""
        ...


class Tokens(Protocol):
    """Signed tokens that name a session."""

    def issue(self, claims: Claims, expires_at: datetime) -> str:
        """A token that differs from every other one."""
        ...

    def read(self, token: str) -> Claims:
        """Raises ``NotSignedInError`` when it is forged, expired, or nothing of ours."""
        ...
