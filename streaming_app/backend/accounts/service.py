"""Registration and sign-in."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.invitations import hash_of_invitation
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Passwords, Users
from streaming_app.backend.accounts.registration_gate import RegistrationGate
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.errors import (
    BusyError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    TakenError,
)


@dataclass(frozen=True, slots=True)
class Registration:
    """The fields of the registration form, as typed."""

    username: str
    email: str
    password: str
    invitation: str = ""
    """The secret of an invitation; empty if the person has none."""


class AccountService:
    """The use cases of accounts."""

    def __init__(
        self,
        users: Users,
        sessions: SessionService,
        passwords: Passwords,
        now: Callable[[], datetime],
        limits: AccountLimits,
        known_browsers: KnownBrowsers,
        audit_log: AuditLog,
        gate: RegistrationGate,
    ) -> None:
        self.sessions = sessions
        self._users = users
        self._passwords = passwords
        self._now = now
        self._limits = limits
        self._known_browsers = known_browsers
        self._audit_log = audit_log
        self._gate = gate

    async def register(self, form: Registration, address: str) -> User:
        """Create an account for a client at ``address``.

        Sending the same form again returns the existing account, because the first answer may have been lost.
        Raises ``InvalidError``, which names every wrong field, ``TakenError``, ``RateLimitedError``, ``BusyError``,
        or ``ForbiddenError`` if the client may not register.
        """
        username, email, password = policy.clean_all(
            partial(policy.clean_username, form.username),
            partial(policy.clean_email, form.email),
            partial(policy.check_new_password, form.password, form.username.strip(), form.email.strip()),
        )
        try:
            return await self._add(username, email, password, address, hash_of_invitation(form.invitation))
        except (TakenError, ForbiddenError):
            if user := await self._registered_before(username, email, form.password, address):
                return user
            raise

    async def _add(self, username: str, email: str, password: str, address: str, invitation_hash: str) -> User:
        await self._gate.check(invitation_hash)
        await self._users.check_free(username, email)
        async with self._limits.registration(address) as count:
            password_hash = await self._passwords.hash(password, address)
            user = User(uuid4().hex, username, email, password_hash, self._now())
            async with self._gate.admit(user.user_id, invitation_hash):
                await self._users.add(user)
            count.keep = True
        await self._audit_log.record(AuditAction.REGISTERED, by_user(user, address))
        return user

    async def _registered_before(self, username: str, email: str, password: str, address: str) -> User | None:
        """Return the account with this username, email and password; ``None`` if there is none.

        The limits and the time are those of a sign-in, also if username and email belong to two accounts. So the form
        does not help to guess a password, and does not reveal which email belongs to which username.
        """
        named, mailed = await self._find(username), await self._find(email)
        if named is None or mailed is None:
            return None
        password_hash = named.password_hash if named.user_id == mailed.user_id else None
        async with self._limits.sign_in(address, self._known_browsers.account_key(named.user_id, "")) as count:
            if not await self._passwords.matches(password, password_hash, address):
                count.keep = True
                return None
        policy.may_use_site(named)
        return named

    async def sign_in(self, login: str, password: str, address: str, cookies: str = "") -> str:
        """Check the password and return a ticket, which ``sessions.redeem`` accepts once within 30 seconds.

        Raises ``InvalidError`` with the same message, after the same time, whether the login or the password is wrong;
        ``ForbiddenError`` if the user is banned; and ``BusyError``. Raises ``RateLimitedError`` after too many failures
        from one address or for one account. The limit of the account does not apply to a browser that has signed in to
        it before, known by its ``cookies``. Otherwise anyone could lock the owner out.
        """
        login, password = policy.clean_all(
            partial(policy.clean_login, login), partial(policy.check_not_empty, password)
        )
        user = await self._find(login)
        is_known = user is not None and self._known_browsers.knows(user.user_id, cookies)
        account = self._known_browsers.account_key(user.user_id, cookies) if user else hash_secret(login.casefold())
        try:
            async with self._limits.sign_in(address, account) as count:
                kept = user.password_hash if user else None
                is_right = await self._passwords.matches(password, kept, address, is_known=is_known)
                count.keep = not is_right or user is None
        except RateLimitedError:
            await self._audit_log.record_failed_sign_in(AuditAction.SIGN_IN_BLOCKED, user, address)
            raise
        if not is_right or user is None:
            await self._audit_log.record_failed_sign_in(AuditAction.SIGN_IN_FAILED, user, address)
            raise InvalidError("password", "Wrong username or password.")
        policy.may_use_site(user)
        await self._renew_hash(user, password, address)
        return await self.sessions.issue_ticket(user)

    async def by_username(self, username: str) -> User:
        """Return the user with this username, ignoring case; raises ``NotFoundError``, also for an email.

        Accounts that will be deleted are not found.
        """
        user = await self._users.get_by_login(username)
        if user.username.casefold() != username.casefold() or user.deletes_at:
            raise NotFoundError("There is no such user.")
        return user

    async def _find(self, login: str) -> User | None:
        try:
            return await self._users.get_by_login(login)
        except NotFoundError:
            return None

    async def _renew_hash(self, user: User, password: str, address: str) -> None:
        """Replace a password hash in an old format. If the queue is full, a later sign-in does it."""
        with suppress(BusyError):
            new = await self._passwords.rehash(password, user.password_hash, address)
            if new:
                await self._users.replace_password_hash(user.user_id, user.password_hash, new)

    def known_browser_cookie(self, user: User, cookies: str) -> str:
        """Return the cookie that makes this browser known to the account; empty if it has no viewer cookie."""
        return self._known_browsers.cookie(user.user_id, cookies)
