"""Linked accounts: new users with an identity, linking and unlinking."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.invitations import hash_of_invitation
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.providers.model import Identity, PendingIdentity
from streaming_app.backend.accounts.providers.ports import Identities
from streaming_app.backend.accounts.providers.service import ProviderSignIn
from streaming_app.backend.accounts.registration_gate import RegistrationGate
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.accounts.sign_in_methods import SignInMethods
from streaming_app.backend.errors import ConflictError, NotFoundError

REGISTRATION_TIME = timedelta(minutes=2)
"""Age after which an identity without a user is of an interrupted registration, and not of one that is going on."""
_BEING_REGISTERED = "A new account is being created with this sign-in. Try again in two minutes."
_EXPIRED = "This sign-in was finished already, or has expired. Start again."


class LinkedAccountService:
    """Gives identities to users. An identity is never linked because of its email, but by its owner's decision.

    ``secret`` is that of a pending identity, which ``ProviderSignIn.finish`` gave to the owner's browser.
    """

    def __init__(
        self,
        sign_in: ProviderSignIn,
        users: Users,
        identities: Identities,
        methods: SignInMethods,
        limits: AccountLimits,
        audit_log: AuditLog,
        now: Callable[[], datetime],
        gate: RegistrationGate,
        mails: AccountMails,
    ) -> None:
        self._sign_in = sign_in
        self._users = users
        self._identities = identities
        self._methods = methods
        self._limits = limits
        self._audit_log = audit_log
        self._now = now
        self._gate = gate
        self._mails = mails

    async def has_account(self, pending: PendingIdentity) -> bool:
        """Whether a user has the email that the provider has verified for the identity."""
        if not pending.email_verified:
            return False
        try:
            await self._users.get_by_login(pending.email)
        except NotFoundError:
            return False
        return True

    async def register(self, secret: str, username: str, email: str, address: str, invitation: str = "") -> User:
        """Create a user who signs in with a pending identity, for a client at ``address``.

        ``email`` is only used if the provider has verified none. ``invitation`` is the secret of an invitation. The
        identity is stored before the user: if the process dies in between, the next sign-in with the identity continues
        with the same user id and the same use of the invitation.

        Raises ``InvalidError``, which names every wrong field, ``TakenError``, ``RateLimitedError``, ``ForbiddenError``
        if the client may not register, and ``NotFoundError`` if the identity is not
        pending.
        """
        pending = await self._sign_in.pending_identity(secret)
        if pending.link_to:
            raise NotFoundError(_EXPIRED)
        username, email = policy.clean_all(
            partial(policy.clean_username, username),
            partial(policy.clean_email, pending.email if pending.email_verified else email),
        )
        invitation_hash = hash_of_invitation(invitation)
        await self._gate.check(invitation_hash, pending.user_id)
        await self._users.check_free(username, email)
        async with self._limits.registration(address) as count:
            await self._sign_in.take_pending_identity(secret)
            now = self._now()
            confirmed_at = now if pending.email_verified else None
            user = User(pending.user_id, username, email, "", now, email_confirmed_at=confirmed_at)
            async with self._gate.admit(user.user_id, invitation_hash):
                await self._identities.add(self._identity(pending, user))
                await self._users.add(user)
            count.keep = True
        await self._audit_log.record(AuditAction.REGISTERED, by_user(user, address), details=pending.provider)
        return user

    async def link(self, secret: str, user: User, address: str) -> Identity:
        """Link a pending identity to a signed-in user, who has confirmed it.

        Raises ``NotFoundError`` if the identity is not pending, or another user has started to link it; and
        ``ConflictError`` if it belongs to somebody, or the user has another identity of the same provider.
        """
        pending = await self._sign_in.pending_identity(secret)
        if pending.link_to not in {"", user.user_id}:
            raise NotFoundError(_EXPIRED)
        await self._drop_unfinished(pending)
        identity = self._identity(pending, user)
        await self._identities.add(identity)
        if pending.email_verified:
            await self._users.confirm_email(user.user_id, pending.email, self._now())
        await self._audit_log.record(AuditAction.SIGN_IN_METHOD_ADDED, by_user(user, address), details=pending.provider)
        self._tell(user, pending.provider, is_added=True)
        with suppress(NotFoundError):
            await self._sign_in.take_pending_identity(secret)
        return identity

    async def unlink(self, user: User, provider_id: str, address: str) -> None:
        """Unlink the user's identity of a provider; do nothing if there is none.

        Raises ``ForbiddenError`` if the user could not sign in afterwards.
        """
        usable = [provider.provider_id for provider in self._sign_in.providers]
        if not await self._methods.remove_identity(user.user_id, provider_id, usable, self._now()):
            return
        await self._audit_log.record(AuditAction.SIGN_IN_METHOD_REMOVED, by_user(user, address), details=provider_id)
        self._tell(user, provider_id, is_added=False)

    async def list_of(self, user: User) -> list[Identity]:
        """Return the user's identities, sorted by provider."""
        return await self._identities.list_by_user(user.user_id)

    async def _drop_unfinished(self, pending: PendingIdentity) -> None:
        """Delete the identity that an interrupted registration, or a deleted user, has left.

        Raises ``ConflictError`` if a registration may be about to create the user, who could not sign in without it.
        """
        try:
            identity = await self._identities.get(pending.provider, pending.subject)
        except NotFoundError:
            return
        try:
            await self._users.get(identity.user_id)
        except NotFoundError:
            if self._now() - identity.linked_at < REGISTRATION_TIME:
                raise ConflictError(_BEING_REGISTERED) from None
            await self._identities.remove(identity.user_id, identity.provider)

    def _tell(self, user: User, provider_id: str, *, is_added: bool) -> None:
        method = f"{self._sign_in.name_of(provider_id) or provider_id} account"
        self._mails.in_background(self._mails.send_method_notice(user, method, is_added=is_added))

    def _identity(self, pending: PendingIdentity, user: User) -> Identity:
        return Identity(pending.provider, pending.subject, user.user_id, pending.label, self._now())
