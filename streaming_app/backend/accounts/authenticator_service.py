"""Adding and removing the authenticator app of an account, and its recovery codes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.accounts import recovery_codes
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import OPERATOR, AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.authenticator_app import (
    AuthenticatorApp,
    AuthenticatorApps,
    Seal,
    clean_code,
    new_secret,
    setup_uri,
    step_of,
)
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.errors import InvalidError, NotFoundError
from streaming_app.backend.rate_limit import RateLimit

_WHAT = "authenticator app"


@dataclass(frozen=True, slots=True)
class Setup:
    """What a user needs to add the account to an app."""

    secret: str
    """In base32, to type it."""
    uri: str
    """For a QR code."""


class AuthenticatorService:
    """The use cases of users who are signed in. All changes need a recent sign-in (``SessionService.require_recent``).

    While an account has an app, every sign-in needs a second step; ``SessionService.redeem`` sees to it.
    """

    def __init__(
        self,
        users: Users,
        apps: AuthenticatorApps,
        seal: Seal,
        now: Callable[[], datetime],
        failures: RateLimit,
        audit_log: AuditLog,
        mails: AccountMails,
    ) -> None:
        """``failures`` limits wrong codes of one account."""
        self._users = users
        self._apps = apps
        self._seal = seal
        self._now = now
        self._failures = failures
        self._audit_log = audit_log
        self._mails = mails

    async def app_of(self, user_id: str) -> AuthenticatorApp | None:
        """Return the user's app, if they have one."""
        try:
            return await self._apps.get(user_id)
        except NotFoundError:
            return None

    def start_setup(self, user: User) -> Setup:
        """Return a new secret. Nothing changes until ``enable`` is called with it and a code."""
        secret = new_secret()
        return Setup(secret, setup_uri(secret, user.username))

    async def enable(self, user: User, secret: str, code: str, address: str) -> list[str]:
        """Add the app, which has proved by ``code`` that it has ``secret``. Return the recovery codes, shown once.

        Raises ``InvalidError`` for ``code``, ``ConflictError`` if the user has an app, or ``RateLimitedError``.
        """
        await self._failures.spend(user.user_id)
        typed = clean_code(code)
        if not typed:
            raise InvalidError("code", "Enter the code that the app shows.")
        step = step_of(secret, typed, self._now())
        if step is None:
            raise InvalidError("code", "Wrong code. Enter the newest code. Is the clock of your device right?")
        await self._failures.refund(user.user_id)
        codes = recovery_codes.new_codes()
        hashes = tuple(map(recovery_codes.hash_code, codes))
        await self._apps.add(AuthenticatorApp(user.user_id, self._seal.close(secret), self._now(), step, hashes))
        await self._audit_log.record(AuditAction.SIGN_IN_METHOD_ADDED, by_user(user, address), details=_WHAT)
        self._mails.in_background(self._mails.send_method_notice(user, _WHAT, is_added=True))
        return codes

    async def replace_recovery_codes(self, user: User, address: str) -> list[str]:
        """Return new recovery codes, shown once; the old ones are not valid any more. Raises ``NotFoundError``."""
        codes = recovery_codes.new_codes()
        await self._apps.replace_recovery_codes(user.user_id, tuple(map(recovery_codes.hash_code, codes)))
        await self._audit_log.record(AuditAction.RECOVERY_CODES_CREATED, by_user(user, address))
        return codes

    async def disable(self, user: User, address: str) -> None:
        """Remove the app and the recovery codes; do nothing if the user has none."""
        if await self._apps.remove(user.user_id):
            await self._audit_log.record(AuditAction.SIGN_IN_METHOD_REMOVED, by_user(user, address), details=_WHAT)
            self._mails.in_background(self._mails.send_method_notice(user, _WHAT, is_added=False))

    async def disable_by_operator(self, login: str) -> User:
        """Remove the app of the user with this username or email, who has lost it; raises ``NotFoundError``."""
        user = await self._users.get_by_login(login)
        if not await self._apps.exists(user.user_id):
            raise NotFoundError(f"{user.username} has no authenticator app.")
        await self._audit_log.record(AuditAction.SIGN_IN_METHOD_REMOVED, OPERATOR, by_user(user), _WHAT)
        await self._apps.remove(user.user_id)
        self._mails.in_background(self._mails.send_method_notice(user, _WHAT, is_added=False))
        return user
