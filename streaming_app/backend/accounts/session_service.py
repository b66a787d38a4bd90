"""Sessions: from the ticket of a sign-in to the end of the session."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.authenticator_app import AuthenticatorApps
from streaming_app.backend.accounts.model import Claims, Session, SignedIn, Ticket, User
from streaming_app.backend.accounts.ports import Sessions, Tickets, Tokens, Users
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.bus import Bus
from streaming_app.backend.errors import (
    LeavingError,
    NotFoundError,
    NotSignedInError,
    ReauthenticationNeededError,
    SecondStepNeededError,
)
from streaming_app.backend.events import SessionRevoked

TICKET_LIFETIME = timedelta(seconds=30)
SECOND_STEP = "second-step:"
"""Purpose of the tickets of sign-ins that wait for their second step."""
SECOND_STEP_LIFETIME = timedelta(minutes=10)
SECOND_STEP_PAGE = "/login/code"
"""Path of the page of the second step. The secret follows as a fragment, which browsers do not send to servers."""
SEEN_PRECISION = timedelta(minutes=5)
"""How exactly the last use of a session is known. So a session in use writes to the store once in this time."""
_DEVICE_MAX = 100


@dataclass(frozen=True, slots=True)
class SessionLifetimes:
    """How long sessions are valid."""

    absolute: timedelta
    """After the sign-in."""
    idle: timedelta
    """After the last use."""
    recent: timedelta = timedelta(minutes=15)
    """How long after the sign-in a session may do what requires a recent authentication."""


class SessionService:
    """Opens, verifies, lists and ends sessions."""

    def __init__(
        self,
        users: Users,
        sessions: Sessions,
        tickets: Tickets,
        tokens: Tokens,
        bus: Bus,
        now: Callable[[], datetime],
        lifetimes: SessionLifetimes,
        audit_log: AuditLog,
        authenticator_apps: AuthenticatorApps,
    ) -> None:
        self._users = users
        self._sessions = sessions
        self._tickets = tickets
        self._tokens = tokens
        self._bus = bus
        self._now = now
        self._lifetimes = lifetimes
        self._audit_log = audit_log
        self._authenticator_apps = authenticator_apps

    async def issue_ticket(self, user: User, *, has_all_factors: bool = False) -> str:
        """Create a ticket for a user who has just authenticated.

        Every way to sign in creates its ticket here: the password, a mailed link, the account of another site. Such a
        ticket is worth one factor, and ``redeem`` asks for the second step if the account needs one.
        ``has_all_factors`` is for ways that are worth all of them: the second step itself, and passkeys.
        """
        return await self._add_ticket(user, TICKET_LIFETIME, has_all_factors=has_all_factors)

    async def _add_ticket(
        self, user: User, lifetime: timedelta, purpose: str = "", *, has_all_factors: bool = False
    ) -> str:
        secret = secrets.token_urlsafe(32)
        ticket = Ticket(
            ticket_hash=hash_secret(secret, purpose),
            user_id=user.user_id,
            expires_at=self._now() + lifetime,
            generation=user.session_generation,
            has_all_factors=has_all_factors,
        )
        await self._tickets.add(ticket)
        return secret

    async def redeem(self, ticket: str, device: str = "", address: str = "") -> SignedIn:
        """Open a session for the ticket's user; raises ``NotSignedInError`` if the ticket is not valid.

        Raises ``SecondStepNeededError`` if the account needs a second step, which then replaces the ticket. ``device``
        describes the browser, and ``address`` is its IP address, both for the user's list of sessions.
        """
        now = self._now()
        try:
            taken = await self._tickets.take(hash_secret(ticket), now)
            user = await self._users.get(taken.user_id)
        except NotFoundError:
            raise NotSignedInError from None
        policy.may_use_site(user)
        if taken.generation != user.session_generation:
            raise NotSignedInError
        if not taken.has_all_factors and await self._authenticator_apps.exists(user.user_id):
            raise SecondStepNeededError(await self._add_ticket(user, SECOND_STEP_LIFETIME, SECOND_STEP))
        session = Session(
            session_id=uuid4().hex,
            user_id=user.user_id,
            created_at=now,
            expires_at=now + self._lifetimes.absolute,
            generation=user.session_generation,
            device=device[:_DEVICE_MAX],
            address=address,
            seen_at=now,
        )
        await self._sessions.add(session)
        await self._audit_log.record(AuditAction.SIGNED_IN, by_user(user, address), details=session.device)
        token = self._tokens.issue(Claims(user.user_id, session.session_id), session.expires_at)
        return SignedIn(user, token, session.expires_at)

    async def verify(self, token: str) -> User:
        """Return the user of ``token``; raises ``NotSignedInError`` unless token, session and user are valid.

        An account that will be deleted is hidden: its sessions raise ``LeavingError``.
        """
        _, user = await self._verify(token)
        return user

    async def verify_leaving(self, token: str) -> User:
        """Return the user of ``token``, whose account will be deleted; raises ``NotSignedInError``."""
        _, user = await self._authenticate(token)
        if not user.deletes_at:
            raise NotSignedInError
        return user

    async def require_recent(self, token: str) -> User:
        """Return the user of ``token``, who has authenticated recently.

        Every authentication opens a new session, so the age of the session is the time since then. Raises
        ``NotSignedInError``, or ``ReauthenticationNeededError`` if the session is older than ``lifetimes.recent``.
        """
        session, user = await self._verify(token)
        if self._now() - session.created_at > self._lifetimes.recent:
            raise ReauthenticationNeededError
        return user

    async def _verify(self, token: str) -> tuple[Session, User]:
        session, user = await self._authenticate(token)
        if user.deletes_at:
            raise LeavingError(user.username, user.deletes_at)
        return session, user

    async def _authenticate(self, token: str) -> tuple[Session, User]:
        claims = self._tokens.read(token)
        now = self._now()
        try:
            session, user = await self._sessions.get_with_user(claims.session_id, now)
        except NotFoundError:
            raise NotSignedInError from None
        if user.user_id != claims.user_id or self._is_idle(session, now):
            raise NotSignedInError
        if abs(now - _last_use(session)) >= SEEN_PRECISION:
            await self._sessions.set_seen(session.session_id, now)
        return session, user

    async def list_of(self, token: str) -> list[Session]:
        """Return the valid sessions of the token's user: this one first, then the newest.

        Raises ``NotSignedInError``.
        """
        valid = await self.list_by_user(await self.verify(token))
        current = self._tokens.read(token).session_id
        return sorted(valid, key=lambda each: each.session_id != current)

    async def list_by_user(self, user: User) -> list[Session]:
        """Return the valid sessions of a user, newest first."""
        now = self._now()
        sessions = await self._sessions.list_by_user(user.user_id, now)
        return [
            each for each in sessions if not self._is_idle(each, now) and each.generation == user.session_generation
        ]

    async def end(self, token: str, public_id: str, address: str = "") -> None:
        """End a session of the token's user; do nothing if they have none with this ``public_id``.

        ``address`` is the client's, for the audit log. Raises ``NotSignedInError``.
        """
        with suppress(NotFoundError):
            await self.end_by_user(await self.verify(token), public_id, address)

    async def end_by_user(self, user: User, public_id: str, address: str = "") -> None:
        """End a session of a user; raises ``NotFoundError`` if they have none with this ``public_id``.

        ``address`` is the client's, for the audit log.
        """
        found = [each for each in await self.list_by_user(user) if each.public_id == public_id]
        if not found:
            raise NotFoundError("You have no such session.")
        await self._sessions.remove(found[0].session_id)
        await self._announce(user.user_id)
        await self._audit_log.record(AuditAction.SESSION_ENDED, by_user(user, address), details=found[0].device)

    async def end_others(self, token: str, address: str = "") -> None:
        """End all sessions of the token's user except this one; raises ``NotSignedInError``.

        ``address`` is the client's, for the audit log.
        """
        user = await self.verify(token)
        await self._sessions.remove_all_of(user.user_id, keep=self._tokens.read(token).session_id)
        await self._announce(user.user_id)
        await self._audit_log.record(AuditAction.SIGNED_OUT_EVERYWHERE, by_user(user, address))

    async def end_all_of(self, user_id: str) -> None:
        """End all sessions of a user."""
        await self._sessions.remove_all_of(user_id)
        await self._announce(user_id)

    async def sign_out(self, token: str) -> None:
        """Delete the token's session; do nothing if the token is invalid."""
        try:
            claims = self._tokens.read(token)
        except NotSignedInError:
            return
        await self._sessions.remove(claims.session_id)
        await self._announce(claims.user_id)

    async def _announce(self, user_id: str) -> None:
        await self._bus.announce(SessionRevoked(at=self._now(), user_id=user_id))

    def _is_idle(self, session: Session, now: datetime) -> bool:
        return now - _last_use(session) >= self._lifetimes.idle


def _last_use(session: Session) -> datetime:
    return session.seen_at or session.created_at
