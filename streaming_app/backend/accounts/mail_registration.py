"""Registration on a site that sends mail: the account is created by a link in a mail."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from uuid import uuid4

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.invitations import hash_of_invitation
from streaming_app.backend.accounts.mail_links import EXPIRED, MailLink, MailLinkKind, MailLinks, find_link, new_link
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Passwords, Users
from streaming_app.backend.accounts.registration_gate import RegistrationGate
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.errors import NotFoundError, RateLimitedError, TakenError
from streaming_app.backend.rate_limit import RateLimit

_USED = "There is an account with this email already. Sign in, or set a new password if you forgot it."


class MailRegistration:
    """Creates accounts in two steps: a form with username and email, and a link in a mail.

    The password is chosen with the link in hand. So nobody can create an account for the email of somebody else and
    wait until the owner confirms it. Until then nothing is stored but the link, and the form does not show whether an
    account with the email exists.
    """

    def __init__(
        self,
        users: Users,
        links: MailLinks,
        passwords: Passwords,
        now: Callable[[], datetime],
        limits: AccountLimits,
        mail_limit: RateLimit,
        mails: AccountMails,
        audit_log: AuditLog,
        gate: RegistrationGate,
    ) -> None:
        self._users = users
        self._links = links
        self._passwords = passwords
        self._now = now
        self._limits = limits
        self._mail_limit = mail_limit
        self._mails = mails
        self._audit_log = audit_log
        self._gate = gate

    @property
    def is_used(self) -> bool:
        """Whether accounts are created in this way: whether mails reach the users."""
        return self._mails.reach_users

    async def request(self, username: str, email: str, address: str, invitation: str = "") -> str:
        """Mail a link to ``email`` that creates the account, for a client at ``address``. Return the cleaned email.

        ``invitation`` is the secret of an invitation, which the link uses. The result is the same if an account has the
        email already: then its owner gets a mail. Raises ``InvalidError``, which names every wrong field,
        ``TakenError`` for the username, ``RateLimitedError``, or ``ForbiddenError`` if the client may not register.
        """
        invitation_hash = hash_of_invitation(invitation)
        await self._gate.check(invitation_hash)
        username, email = policy.clean_all(partial(policy.clean_username, username), partial(policy.clean_email, email))
        await self._users.check_free(username, "")
        async with self._limits.registration(address) as count:
            count.keep = True
        self._mails.in_background(self._mail_link(username, email, invitation_hash))
        return email

    async def _mail_link(self, username: str, email: str, invitation_hash: str) -> None:
        with suppress(RateLimitedError):
            await self._mail_limit.spend(email.casefold())
            try:
                await self._mails.send_already_registered(await self._users.get_by_login(email))
            except NotFoundError:
                secret, link = new_link(
                    MailLinkKind.REGISTER,
                    email,
                    self._now(),
                    user_id=uuid4().hex,
                    username=username,
                    invitation_hash=invitation_hash,
                )
                await self._links.add(link)
                await self._mails.send_registration(username, email, secret)

    async def open_link(self, secret: str) -> MailLink:
        """Return a valid link of a registration.

        Raises ``NotFoundError`` if it is not valid, and ``TakenError`` if an account has the email.
        """
        link = await find_link(self._links, secret, self._now())
        if link.kind is not MailLinkKind.REGISTER:
            raise NotFoundError(EXPIRED)
        with suppress(NotFoundError):
            await self._users.get_by_login(link.email)
            raise TakenError("email", _USED)
        return link

    async def finish(self, secret: str, username: str, password: str, address: str) -> User:
        """Create the account of a link, which is not valid afterwards, for a client at ``address``.

        Raises ``NotFoundError`` if the link is not valid, ``InvalidError`` for ``username`` or ``password`` and
        ``TakenError`` for ``username``, after which the link stays valid, ``TakenError`` for ``email``,
        ``BusyError``, or ``ForbiddenError`` if the invitation is not valid any more.
        """
        link = await self.open_link(secret)
        username, password = policy.clean_all(
            partial(policy.clean_username, username),
            partial(policy.check_new_password, password, username.strip(), link.email),
        )
        user_id = link.user_id or uuid4().hex
        await self._gate.check(link.invitation_hash, user_id)
        await self._users.check_free(username, "")
        password_hash = await self._passwords.hash(password, address)
        now = self._now()
        user = User(user_id, username, link.email, password_hash, now, email_confirmed_at=now)
        try:
            async with self._gate.admit(user_id, link.invitation_hash):
                await self._users.add(user)
        except TakenError as taken:
            raise TakenError("email", _USED) if taken.field == "email" else taken from None
        await self._links.remove(link.link_hash)
        await self._audit_log.record(AuditAction.REGISTERED, by_user(user, address))
        return user
