"""The email of an account: confirming it, changing it, and restoring the former one."""

from collections.abc import Callable
from datetime import datetime

from streaming_app.backend.accounts import policy
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, by_user
from streaming_app.backend.accounts.mail_links import EXPIRED, MailLink, MailLinkKind, MailLinks, find_link, new_link
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.bus import Bus
from streaming_app.backend.errors import ConflictError, InvalidError, NotFoundError, TakenError
from streaming_app.backend.events import SessionRevoked
from streaming_app.backend.rate_limit import RateLimit

NO_MAIL = "This site sends no mail. Ask the people who run it."
_TAKEN = "Another account has this email now. Ask for a link to another email."


class EmailService:
    """The use cases of a user's email. A link works while the email of the account is the one it was made for.

    The store replaces the email and ends the sessions in one step. Everything else can be repeated, so a process that
    dies in between leaves the old email or the new one.
    """

    def __init__(
        self,
        users: Users,
        links: MailLinks,
        bus: Bus,
        now: Callable[[], datetime],
        mail_limit: RateLimit,
        mails: AccountMails,
        audit_log: AuditLog,
    ) -> None:
        self._users = users
        self._links = links
        self._bus = bus
        self._now = now
        self._mail_limit = mail_limit
        self._mails = mails
        self._audit_log = audit_log

    def should_confirm(self, user: User) -> bool:
        """Whether the user can confirm the email, and has not."""
        return self._mails.is_available and user.email_confirmed_at is None

    async def send_confirmation(self, user: User) -> None:
        """Mail a link that confirms the user's email.

        Raises ``ConflictError`` if the email is confirmed or the site sends no mail, and ``RateLimitedError`` after too
        many mails to it.
        """
        if not self.should_confirm(user):
            raise ConflictError("Your email is confirmed already." if user.email_confirmed_at else NO_MAIL)
        await self._mail_limit.spend(user.email.casefold())
        secret, link = new_link(MailLinkKind.CONFIRM, user.email, self._now(), user_id=user.user_id)
        await self._links.add(link)
        self._mails.in_background(self._mails.send_confirmation(user, secret))

    async def request_change(self, user: User, email: str) -> str:
        """Mail a link to the new ``email``, and a notice to the old one. The user must have authenticated recently.

        Return the new email as it will be stored. The result is the same if another account has it: then its owner gets
        a mail. Raises ``InvalidError``, ``ConflictError`` if the site sends no mail, and ``RateLimitedError``.
        """
        if not self._mails.is_available:
            raise ConflictError(NO_MAIL)
        email = policy.clean_email(email)
        if email.casefold() == user.email.casefold():
            raise InvalidError("email", "This is the email of your account already.")
        await self._mail_limit.spend(f"change {user.user_id}")
        self._mails.in_background(self._mail_change(user, email))
        return email

    async def _mail_change(self, user: User, email: str) -> None:
        """Send the notice before the link, so that no email changes without a notice."""
        if user.email_confirmed_at:
            secret, link = new_link(MailLinkKind.REVERT, user.email, self._now(), user_id=user.user_id)
            await self._links.add(link)
            await self._mails.send_change_of_email_notice(user, email, secret)
        else:
            await self._mails.send_change_of_email_notice(user, email)
        await self._links.remove_all_of(user.user_id, kind=MailLinkKind.CHANGE)
        try:
            await self._mails.send_already_registered(await self._users.get_by_login(email))
        except NotFoundError:
            secret, link = new_link(MailLinkKind.CHANGE, email, self._now(), user_id=user.user_id, replaced=user.email)
            await self._links.add(link)
            await self._mails.send_change_of_email(user, email, secret)

    async def open_link(self, secret: str) -> tuple[MailLink, User]:
        """Return a valid link that is not of a registration, and its user; raises ``NotFoundError``."""
        link = await find_link(self._links, secret, self._now())
        try:
            user = await self._users.get(link.user_id)
        except NotFoundError:
            raise NotFoundError(EXPIRED) from None
        if not _is_valid(link, user):
            raise NotFoundError(EXPIRED)
        return link, user

    async def follow_link(self, secret: str, address: str) -> MailLinkKind:
        """Do what the link is for, for a client at ``address``. Return its kind.

        Raises ``NotFoundError`` if the link is not valid, and ``TakenError`` if another account has the email now.
        """
        link, user = await self.open_link(secret)
        match link.kind:
            case MailLinkKind.CONFIRM:
                await self._confirm(link, user)
            case MailLinkKind.CHANGE:
                await self._replace(user, link.email, address)
            case _:
                await self._revert(link, user, address)
        await self._links.remove(link.link_hash)
        return link.kind

    async def _confirm(self, link: MailLink, user: User) -> None:
        if not await self._users.confirm_email(user.user_id, link.email, self._now()):
            raise NotFoundError(EXPIRED)

    async def _revert(self, link: MailLink, user: User, address: str) -> None:
        """Restore the former email, or cancel the change that is not confirmed yet.

        The later links are removed first: one of them could replace the email again, or restore that of a thief.
        """
        await self._links.remove_all_of(user.user_id, since=link.created_at, keep=link.link_hash)
        if user.email.casefold() != link.email.casefold():
            await self._replace(user, link.email, address)

    async def _replace(self, user: User, email: str, address: str) -> None:
        try:
            is_replaced = await self._users.replace_email(user.user_id, user.email, email, self._now())
        except TakenError:
            raise TakenError("email", _TAKEN) from None
        if not is_replaced:
            raise NotFoundError(EXPIRED)
        await self._bus.announce(SessionRevoked(at=self._now(), user_id=user.user_id))
        await self._audit_log.record(AuditAction.EMAIL_CHANGED, by_user(user, address))


def _is_valid(link: MailLink, user: User) -> bool:
    current = user.email.casefold()
    match link.kind:
        case MailLinkKind.CONFIRM:
            return link.email.casefold() == current and user.email_confirmed_at is None
        case MailLinkKind.CHANGE:
            return link.replaced.casefold() == current
        case MailLinkKind.REVERT:
            return True
        case MailLinkKind.REGISTER:
            return False
