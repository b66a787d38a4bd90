"""Ports of the accounts context. Both stores implement the first four and pass the same contract tests."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from streaming_app.backend.accounts.mails import Mail
from streaming_app.backend.accounts.model import ApiToken, Claims, Session, SiteRole, Ticket, User


class UserGroup(StrEnum):
    """Which users a search finds."""

    ALL = "all"
    STAFF = "staff"
    SUSPENDED = "suspended"


class Users(Protocol):
    """The repository of user accounts."""

    async def add(self, user: User) -> None:
        """Add a user; raises ``TakenError`` if another user has the username or email, ignoring case.

        The username is also taken if another one looks like it (``look_alike_names.skeleton``), or if an account with
        such a name was deleted recently.
        """
        ...

    async def get(self, user_id: str) -> User:
        """Raises ``NotFoundError``."""
        ...

    async def get_by_login(self, login: str) -> User:
        """Return the user with this username or email, ignoring case; raises ``NotFoundError``."""
        ...

    async def check_free(self, username: str, email: str) -> None:
        """Raises ``TakenError`` as ``add`` would. Another user may still take the name before ``add``."""
        ...

    async def replace_password_hash(self, user_id: str, old: str, new: str) -> None:
        """Replace the hash ``old`` by ``new``; do nothing if the stored hash is no longer ``old``."""
        ...

    async def set_password(
        self, user_id: str, generation: int, password_hash: str, *, end_tokens: bool = False
    ) -> bool:
        """Set the hash and end all sessions: increase the session generation, in one step.

        With ``end_tokens``, the same step also ends all API tokens: it increases the token generation. Return whether
        the stored generation was still ``generation``; otherwise nothing is changed.
        """
        ...

    async def confirm_email(self, user_id: str, email: str, at: datetime) -> bool:
        """Mark the email as confirmed. Return whether it was still ``email``; otherwise nothing is changed."""
        ...

    async def replace_email(self, user_id: str, old: str, new: str, confirmed_at: datetime) -> bool:
        """Set a confirmed email and end all sessions: increase the session generation, in one step.

        Return whether the email was still ``old``, ignoring case; otherwise nothing is changed. Raises ``TakenError``
        if another user has the email ``new``.
        """
        ...

    async def replace_display_name(self, user_id: str, old: str, new: str) -> bool:
        """Set the display name. Return whether it was still ``old``; otherwise nothing is changed."""
        ...

    async def set_avatar(self, user_id: str, avatar_id: str) -> str:
        """Set the user's picture and return the previous one, in one step; raises ``NotFoundError``."""
        ...

    async def set_banned(self, user_id: str, *, banned: bool, reason: str = "", until: datetime | None = None) -> None:
        """Suspend a user or lift the suspension; raises ``NotFoundError``.

        Suspending also ends all sessions in the same step: it increases the session generation.
        """
        ...

    async def end_bans(self, now: datetime) -> None:
        """Lift all suspensions whose end is not after ``now``."""
        ...

    async def set_role(self, user_id: str, role: SiteRole, *, expected: SiteRole) -> bool:
        """Set the user's role; ``False``, without a change, if it is no longer ``expected``."""
        ...

    async def search(self, text: str, *, with_email: bool, group: UserGroup, after: str, limit: int) -> list[User]:
        """Return the users whose name contains ``text``, ignoring case, ordered by name without regard to case.

        With ``with_email``, also users whose email contains it. ``after`` is the name after which the result begins;
        empty for the first page.
        """
        ...

    async def session_generations(self, user_ids: Collection[str]) -> dict[str, int]:
        """Return the session generation of each of these users who exists."""
        ...


class Sessions(Protocol):
    """The repository of valid sessions."""

    async def add(self, session: Session) -> None:
        """Add a session."""
        ...

    async def get_with_user(self, session_id: str, now: datetime) -> tuple[Session, User]:
        """Return a session and its user.

        Raises ``NotFoundError`` if there is no such session, it has expired, or its generation is not the user's.
        """
        ...

    async def list_by_user(self, user_id: str, now: datetime) -> list[Session]:
        """Return the sessions of a user that have not expired, newest first, of all generations."""
        ...

    async def set_seen(self, session_id: str, seen_at: datetime) -> None:
        """Set when a session was last used; do nothing if it does not exist."""
        ...

    async def remove(self, session_id: str) -> None:
        """Delete a session; do nothing if it does not exist."""
        ...

    async def remove_all_of(self, user_id: str, keep: str = "") -> None:
        """Delete all sessions of a user, except the one with the id ``keep``."""
        ...


class Tickets(Protocol):
    """The repository of unused tickets."""

    async def add(self, ticket: Ticket) -> None:
        """Store a ticket until it is taken or expires."""
        ...

    async def get(self, ticket_hash: str, now: datetime) -> Ticket:
        """Return a ticket; raises ``NotFoundError`` if it is unknown, taken or expired."""
        ...

    async def take(self, ticket_hash: str, now: datetime) -> Ticket:
        """Remove and return a ticket, for one caller only; raises ``NotFoundError`` if unknown, taken or expired."""
        ...


class ApiTokens(Protocol):
    """The repository of API tokens."""

    async def add(self, token: ApiToken, most: int) -> bool:
        """Add a token; ``False`` if its user has ``most`` tokens or more. Exact also for concurrent calls."""
        ...

    async def get_by_hash(self, token_hash: str) -> ApiToken:
        """Raises ``NotFoundError``."""
        ...

    async def list_by_user(self, user_id: str) -> list[ApiToken]:
        """Return a user's tokens, newest first."""
        ...

    async def set_used(self, token_id: str, at: datetime) -> None:
        """Set when a token was last used; do nothing if it does not exist."""
        ...

    async def remove(self, user_id: str, token_id: str) -> None:
        """Delete a token if it belongs to this user; do nothing otherwise."""
        ...


class Passwords(Protocol):
    """Slow, salted hashing of passwords, without blocking the event loop.

    All raise ``BusyError`` if too many wait. ``address`` is the client's: of strangers, the address with the fewest
    requests comes first. Users with ``is_known`` come before all strangers.
    """

    async def hash(self, password: str, address: str, *, is_known: bool = False) -> str:
        """Hash a normalized ``password`` with a new salt, for a registration, or for a user who ``is_known``."""
        ...

    async def matches(self, password: str, password_hash: str | None, address: str, *, is_known: bool = False) -> bool:
        """Whether ``password``, as typed, matches the hash, for a sign-in. A known browser has ``is_known``.

        A hash of ``None`` takes the same time and does not match, so that timing does not reveal which accounts exist.
        """
        ...

    async def rehash(self, password: str, password_hash: str, address: str) -> str:
        """Hash a ``password`` that has just matched anew; empty if the stored hash is in the current format."""
        ...


class Mailer(Protocol):
    """Sends mail."""

    async def send(self, to: str, mail: Mail) -> bool:
        """Send ``mail``, and return whether the mail server accepted it. Failures are logged."""
        ...


class Tokens(Protocol):
    """Signed tokens that identify a session."""

    def issue(self, claims: Claims, expires_at: datetime) -> str:
        """Create a token that differs from every other one."""
        ...

    def read(self, token: str) -> Claims:
        """Return the content of a token; raises ``NotSignedInError`` if it is forged, expired or foreign."""
        ...
