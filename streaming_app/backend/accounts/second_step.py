"""The second step of a sign-in: a code of the authenticator app, or a recovery code."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog
from streaming_app.backend.accounts.authenticator_app import (
    AuthenticatorApp,
    AuthenticatorApps,
    Seal,
    clean_code,
    is_app_code,
    step_of,
)
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Tickets, Users
from streaming_app.backend.accounts.recovery_codes import hash_code
from streaming_app.backend.accounts.secret_hash import hash_secret
from streaming_app.backend.accounts.session_service import SECOND_STEP, SessionService
from streaming_app.backend.accounts.wrong_code_notices import WrongCodeNotices
from streaming_app.backend.errors import InvalidError, NotFoundError, RateLimitedError
from streaming_app.backend.rate_limit import RateLimit

_EXPIRED = "This sign-in has expired. Start again."


class SecondStepService:
    """Completes sign-ins that ``SessionService.redeem`` has stopped with ``SecondStepNeededError``."""

    def __init__(
        self,
        users: Users,
        apps: AuthenticatorApps,
        tickets: Tickets,
        sessions: SessionService,
        seal: Seal,
        now: Callable[[], datetime],
        failures: RateLimit,
        notices: WrongCodeNotices,
        known_browsers: KnownBrowsers,
        audit_log: AuditLog,
        mails: AccountMails,
    ) -> None:
        """``failures`` limits wrong codes of one account. Browsers that the account knows are counted separately."""
        self._users = users
        self._apps = apps
        self._tickets = tickets
        self._sessions = sessions
        self._seal = seal
        self._now = now
        self._failures = failures
        self._notices = notices
        self._known_browsers = known_browsers
        self._audit_log = audit_log
        self._mails = mails

    async def user_of(self, secret: str) -> User:
        """Return the user who has done the first step.

        Raises ``NotFoundError`` if ``secret`` is not valid, and ``ForbiddenError`` if the user is suspended.
        """
        user, _ = await self._started(secret)
        return user

    async def finish(self, secret: str, code: str, address: str, cookies: str = "") -> str:
        """Check the code for the sign-in with this secret, and return a ticket for the session.

        Raises ``InvalidError`` for ``code``; the sign-in can then continue with another code. Raises ``NotFoundError``
        if the secret is not valid, ``ForbiddenError`` if the user is suspended, and ``RateLimitedError`` after too many
        wrong codes.
        """
        user, app = await self._started(secret)
        typed = clean_code(code)
        if not typed:
            raise InvalidError("code", "Enter a code.")
        limited = self._known_browsers.account_key(user.user_id, cookies)
        try:
            await self._failures.spend(limited)
        except RateLimitedError:
            await self._audit_log.record_failed_sign_in(AuditAction.SIGN_IN_BLOCKED, user, address)
            raise
        try:
            await self._accept(user, app, typed)
        except InvalidError:
            await self._audit_log.record_failed_sign_in(AuditAction.SIGN_IN_FAILED, user, address)
            await self._notices.count(user)
            raise
        await self._failures.refund(limited)
        try:
            await self._tickets.take(hash_secret(secret, SECOND_STEP), self._now())
        except NotFoundError:
            raise NotFoundError(_EXPIRED) from None
        return await self._sessions.issue_ticket(user, has_all_factors=True)

    async def _started(self, secret: str) -> tuple[User, AuthenticatorApp]:
        try:
            ticket = await self._tickets.get(hash_secret(secret, SECOND_STEP), self._now())
            user = await self._users.get(ticket.user_id)
            app = await self._apps.get(ticket.user_id)
        except NotFoundError:
            raise NotFoundError(_EXPIRED) from None
        policy.may_use_site(user)
        if ticket.generation != user.session_generation:
            raise NotFoundError(_EXPIRED)
        return user, app

    async def _accept(self, user: User, app: AuthenticatorApp, code: str) -> None:
        """Use up the code; raises ``InvalidError`` if it is wrong or was used before."""
        if not is_app_code(code):
            if not await self._apps.take_recovery_code(user.user_id, hash_code(code)):
                raise InvalidError("code", "Wrong code. Enter the code of your app, or a recovery code.")
            left = len(app.recovery_code_hashes) - 1
            self._mails.in_background(self._mails.send_recovery_code_notice(user, left))
            return
        step = step_of(self._seal.open(app.sealed_secret), code, self._now())
        if step is None:
            raise InvalidError("code", "Wrong code. Is the clock of your device right?")
        if not await self._apps.accept_step(user.user_id, step):
            raise InvalidError("code", "This code was used already. Wait for the next one.")
