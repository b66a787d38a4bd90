"""Changing a password, and setting a new one by a reset link."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import OPERATOR, AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import Ticket, User
from streaming_app.backend.accounts.passkeys import Passkeys
from streaming_app.backend.accounts.ports import Passwords, Tickets, Users
from streaming_app.backend.accounts.providers.ports import Identities
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.bus import Bus
from streaming_app.backend.client_addresses import limit_key
from streaming_app.backend.errors import ConflictError, InvalidError, NotFoundError, RateLimitedError
from streaming_app.backend.events import SessionRevoked

RESET_LIFETIME = timedelta(hours=24)
"""How long a reset link of an operator is valid."""
MAILED_LINK_LIFETIME = timedelta(hours=1)
_PURPOSE = "password-reset:"
_EXPIRED = "This link is no longer valid: it was used, has expired, or the password was changed since. Ask for another."


class PasswordService:
    """Changes and resets passwords. A new password ends all sessions of the user, and a reset also the API tokens.

    The store replaces the hash and ends the sessions in one step, so no old session survives if the process dies.
    """

    def __init__(
        self,
        users: Users,
        identities: Identities,
        passkeys: Passkeys,
        tickets: Tickets,
        passwords: Passwords,
        bus: Bus,
        now: Callable[[], datetime],
        limits: AccountLimits,
        mails: AccountMails,
        audit_log: AuditLog,
    ) -> None:
        self._users = users
        self._identities = identities
        self._passkeys = passkeys
        self._tickets = tickets
        self._passwords = passwords
        self._bus = bus
        self._now = now
        self._limits = limits
        self._mails = mails
        self._audit_log = audit_log

    async def change(self, user: User, current: str, new: str, address: str) -> User:
        """Replace the password of a signed-in user at ``address``, who has to enter the ``current`` one.

        Return the changed user. Raises ``InvalidError`` for ``current_password`` or ``password``, ``RateLimitedError``
        after too many wrong passwords, ``BusyError``, and ``ConflictError`` after a simultaneous change.
        """
        current, new = policy.clean_all(
            partial(policy.check_not_empty, current, "current_password"),
            partial(policy.check_new_password, new, user.username, user.email),
        )
        await self._check(user, current, "current_password", address)
        changed = await self._set(user, new, address)
        await self._audit_log.record(AuditAction.PASSWORD_CHANGED, by_user(user, address))
        return changed

    async def set_first(self, user: User, new: str, address: str) -> User:
        """Set the password of a user who has none. The caller must check that the user has authenticated recently.

        Return the changed user. Raises ``InvalidError`` for ``password``, ``ConflictError`` if there is a password, and
        ``BusyError``.
        """
        if user.has_password:
            raise ConflictError("You have a password already. Reload the page to change it.")
        changed = await self._set(user, policy.check_new_password(new, user.username, user.email), address)
        await self._audit_log.record(AuditAction.SIGN_IN_METHOD_ADDED, by_user(user, address), details="password")
        return changed

    async def confirm(self, user: User, password: str, address: str) -> None:
        """Check the password of a signed-in user at ``address``.

        Raises ``InvalidError`` for ``password``, ``RateLimitedError`` after too many wrong ones, and ``BusyError``.
        """
        await self._check(user, policy.check_not_empty(password), "password", address)

    async def _check(self, user: User, password: str, field: str, address: str) -> None:
        async with self._limits.sign_in(address, user.user_id) as count:
            if not await self._passwords.matches(password, user.password_hash, address, is_known=True):
                count.keep = True
                raise InvalidError(field, "Wrong password.")

    async def request_reset_link(self, email: str, address: str) -> None:
        """Mail a reset link to ``email`` if it belongs to an account, for a client at ``address``.

        The result is the same for every valid email. Raises ``InvalidError`` for an invalid one, and
        ``RateLimitedError`` after too many requests from one address.
        """
        email = policy.clean_email(email)
        await self._limits.reset_requests.spend(limit_key(address))
        self._mails.in_background(self._mail_reset_link(email))

    async def _mail_reset_link(self, email: str) -> None:
        with suppress(NotFoundError, RateLimitedError):
            user = await self._users.get_by_login(email)
            await self._limits.account_reset_mails.spend(user.user_id)
            secret = await self._add_reset_ticket(user, MAILED_LINK_LIFETIME)
            await self._mails.send_reset_link(user, secret, "1 hour")

    async def create_reset_secret(self, login: str) -> str:
        """Return the secret of a reset link for the account with this username or email; raises ``NotFoundError``.

        The caller must have proof that the owner of the account asked for it.
        """
        user = await self._users.get_by_login(login)
        await self._audit_log.record(AuditAction.RESET_LINK_CREATED, OPERATOR, by_user(user))
        return await self._add_reset_ticket(user, RESET_LIFETIME)

    async def _add_reset_ticket(self, user: User, lifetime: timedelta) -> str:
        secret = secrets.token_urlsafe(32)
        expires_at = self._now() + lifetime
        await self._tickets.add(
            Ticket(hash_secret(secret, _PURPOSE), user.user_id, expires_at, user.session_generation)
        )
        return secret

    async def user_of_link(self, secret: str) -> User:
        """Return the user whose password the link with this secret sets; raises ``NotFoundError``."""
        try:
            ticket = await self._tickets.get(hash_secret(secret, _PURPOSE), self._now())
            user = await self._users.get(ticket.user_id)
        except NotFoundError:
            raise NotFoundError(_EXPIRED) from None
        if ticket.generation != user.session_generation:
            raise NotFoundError(_EXPIRED)
        return user

    async def reset(self, secret: str, new: str, address: str) -> User:
        """Set a new password by a link, which is not valid afterwards. Return the changed user.

        Raises ``InvalidError`` for ``password``; the link stays valid then. Raises ``NotFoundError`` if the link is not
        valid, and ``BusyError``.

        The API tokens of the user end too, because somebody who resets a password may have lost control of the account.
        If the email was never confirmed, somebody else may have registered it, linked an account at a provider and
        added a passkey. So these are removed then: before the password is set, in case the process dies in between, and
        afterwards, because a session may have added some until it ended.
        """
        user = await self.user_of_link(secret)
        new = policy.check_new_password(new, user.username, user.email)
        await self._remove_methods_of_strangers(user)
        try:
            changed = await self._set(user, new, address, end_tokens=True)
        except ConflictError:
            raise NotFoundError(_EXPIRED) from None
        await self._remove_methods_of_strangers(user)
        await self._audit_log.record(AuditAction.PASSWORD_RESET, by_user(user, address))
        return changed

    async def _remove_methods_of_strangers(self, user: User) -> None:
        if user.email_confirmed_at is None:
            await self._identities.remove_all_of(user.user_id)
            await self._passkeys.remove_all_of(user.user_id)

    async def _set(self, user: User, new: str, address: str, *, end_tokens: bool = False) -> User:
        password_hash = await self._passwords.hash(new, address, is_known=True)
        generation = user.session_generation
        if not await self._users.set_password(user.user_id, generation, password_hash, end_tokens=end_tokens):
            message = "Your password was changed at the same time. Sign in with the new password."
            raise ConflictError(message)
        await self._bus.announce(SessionRevoked(at=self._now(), user_id=user.user_id))
        self._mails.in_background(self._mails.send_change_notice(user, ended_tokens=end_tokens))
        return replace(
            user,
            password_hash=password_hash,
            session_generation=generation + 1,
            token_generation=user.token_generation + end_tokens,
        )
