"""Adding and removing passkeys, and signing in with them."""

import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.passkeys import Challenge, Passkey, Passkeys, PasskeyVerifier, RelyingParty
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.accounts.sign_in_methods import SignInMethods
from streaming_app.backend.client_addresses import limit_key
from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.text_cleaning import check_length, visible_line

CHALLENGE_LIFETIME = timedelta(minutes=5)
PASSKEYS_MAX = 10
NAME_MAX = 40
_CHALLENGE_BYTES = 32
_WHAT = "passkey"
_REFUSED = "This passkey can't be used here. Was it removed from the account?"


class PasskeyService:
    """The use cases of passkeys.

    A passkey counts as all factors of an account, because the device checks the user by a PIN, a face or a finger
    before it signs. Callers keep the challenge of a page on the server, and pass it on once.
    """

    def __init__(
        self,
        users: Users,
        passkeys: Passkeys,
        methods: SignInMethods,
        providers: Collection[str],
        verifier: PasskeyVerifier,
        sessions: SessionService,
        now: Callable[[], datetime],
        failures: RateLimit,
        audit_log: AuditLog,
        mails: AccountMails,
    ) -> None:
        """``providers`` are the ids of the sign-in providers. ``failures`` limits refused passkeys from one address."""
        self._users = users
        self._passkeys = passkeys
        self._methods = methods
        self._providers = providers
        self._verifier = verifier
        self._sessions = sessions
        self._now = now
        self._failures = failures
        self._audit_log = audit_log
        self._mails = mails

    async def list_by_user(self, user_id: str) -> list[Passkey]:
        """Return the user's passkeys, newest first."""
        return await self._passkeys.list_by_user(user_id)

    async def start_registration(self, user: User, party: RelyingParty) -> Challenge:
        """Return the challenge for a new passkey of a user; raises ``ConflictError`` if the user has too many."""
        known = await self._passkeys.list_by_user(user.user_id)
        if len(known) >= PASSKEYS_MAX:
            raise ConflictError(f"You have {PASSKEYS_MAX} passkeys already. Remove one that you no longer use.")
        value = secrets.token_bytes(_CHALLENGE_BYTES)
        return self._challenge(value, self._verifier.registration_options(party, user, value, known))

    async def register(
        self, user: User, party: RelyingParty, challenge: Challenge, answer: str, name: str, address: str
    ) -> None:
        """Add the passkey that the browser has created, with a name by the user, who has signed in recently.

        Raises ``ForbiddenError`` if the answer is not valid for this challenge, or ``InvalidError`` for ``name``.
        """
        line = check_length(visible_line(name), NAME_MAX, "name") or "Passkey"
        self._check_age(challenge)
        key = self._verifier.verify_registration(party, challenge.value, answer)
        await self._passkeys.add(
            Passkey(key.passkey_id, user.user_id, line, key.public_key, key.sign_count, self._now())
        )
        await self._audit_log.record(AuditAction.SIGN_IN_METHOD_ADDED, by_user(user, address), details=_WHAT)
        self._mails.in_background(self._mails.send_method_notice(user, _WHAT, is_added=True))

    async def remove(self, user: User, public_id: str, address: str) -> None:
        """Remove a passkey of a user, who has signed in recently; do nothing if they have none with this id.

        Raises ``ForbiddenError`` if the user could not sign in afterwards.
        """
        found = [each for each in await self._passkeys.list_by_user(user.user_id) if each.public_id == public_id]
        if found and await self._methods.remove_passkey(
            user.user_id, found[0].passkey_id, self._providers, self._now()
        ):
            await self._audit_log.record(AuditAction.SIGN_IN_METHOD_REMOVED, by_user(user, address), details=_WHAT)
            self._mails.in_background(self._mails.send_method_notice(user, _WHAT, is_added=False))

    async def start_sign_in(self, party: RelyingParty, user: User | None = None) -> Challenge:
        """Return the challenge of a sign-in, with any passkey or with one of this ``user``."""
        value = secrets.token_bytes(_CHALLENGE_BYTES)
        allowed = await self._passkeys.list_by_user(user.user_id) if user else []
        return self._challenge(value, self._verifier.sign_in_options(party, value, allowed))

    async def sign_in(
        self, party: RelyingParty, challenge: Challenge, answer: str, address: str, user: User | None = None
    ) -> str:
        """Verify the browser's answer, and return a ticket for the owner of the passkey.

        If ``user`` is given, the passkey has to belong to this user. Raises ``ForbiddenError`` if the answer is not
        valid or the owner is suspended, and ``RateLimitedError`` after too many invalid answers from one address.
        """
        limited = limit_key(address)
        await self._failures.spend(limited)
        owner = await self._owner(party, challenge, answer, address)
        if user is not None and owner.user_id != user.user_id:
            raise ForbiddenError("This passkey belongs to another account.")
        await self._failures.refund(limited)
        policy.may_use_site(owner)
        return await self._sessions.issue_ticket(owner, has_all_factors=True)

    async def _owner(self, party: RelyingParty, challenge: Challenge, answer: str, address: str) -> User:
        self._check_age(challenge)
        try:
            passkey = await self._passkeys.get(self._verifier.passkey_id_of(answer))
            owner = await self._users.get(passkey.user_id)
        except NotFoundError:
            raise ForbiddenError(_REFUSED) from None
        try:
            sign_count = self._verifier.verify_sign_in(party, challenge.value, answer, passkey)
        except ForbiddenError:
            await self._audit_log.record_failed_sign_in(AuditAction.SIGN_IN_FAILED, owner, address)
            raise
        if not await self._passkeys.record_use(passkey.passkey_id, sign_count, self._now()):
            raise ForbiddenError(_REFUSED)
        return owner

    def _challenge(self, value: bytes, options: str) -> Challenge:
        return Challenge(value, self._now() + CHALLENGE_LIFETIME, options)

    def _check_age(self, challenge: Challenge) -> None:
        if self._now() >= challenge.expires_at:
            raise ForbiddenError("This took too long. Try again.")
