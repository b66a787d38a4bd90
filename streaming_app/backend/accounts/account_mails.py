"""Sends the mails of accounts, in the background."""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime

from streaming_app.backend.accounts import mails
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.ports import Mailer
from streaming_app.backend.errors import StoreUnavailableError

log = logging.getLogger(__name__)

SIGN_IN_PAGE = "/login"
SIGN_UP_PAGE = "/register"
REGISTRATION_PAGE = "/finish-registration"
"""Path of the page of a link that creates an account. As for all links, the secret is in the fragment."""
EMAIL_PAGE = "/confirm-email"
"""Path of the page of a link that confirms, changes or restores an email."""
RESET_PAGE = "/reset-password"
"""Path of the page that a reset link opens. The secret follows as a fragment, which browsers do not send to servers."""
FORGOT_PAGE = "/forgot-password"
"""Path of the page on which users ask for a reset link."""
REPORTS_PAGE = "/settings/reports"
"""Path of the page with the reports that a user sent."""
MAILBOX_PAGE = "/dev/mailbox"
"""Path of the page that shows the mails of a site without a mail server."""


class AccountMails:
    """Composes mails with links to the site, and sends them.

    Nobody waits for a mail, so that the time of an answer does not show whether an account exists.
    """

    def __init__(self, mailer: Mailer | None, site_url: str, *, delivers: bool = True) -> None:
        """``site_url`` has no final slash. It is a setting and never taken from a request, which could be forged.

        ``delivers`` is whether ``mailer`` sends mails to their recipients; a development mailbox does not.
        """
        self._mailer = mailer
        self._site_url = site_url
        self._delivers = delivers
        self._running: set[asyncio.Task[None]] = set()

    @property
    def is_available(self) -> bool:
        """Whether mails are sent, or kept in the development mailbox."""
        return self._mailer is not None

    @property
    def reach_users(self) -> bool:
        """Whether mails are sent to their recipients."""
        return self._mailer is not None and self._delivers

    async def send_reset_link(self, user: User, secret: str, lifetime: str) -> None:
        """Send a password reset link. ``lifetime`` is how long it is valid, such as "1 hour"."""
        link = self._url(RESET_PAGE, secret)
        await self._send(user.email, mails.password_reset_mail(user.username, link, lifetime))

    async def send_change_notice(self, user: User, *, ended_tokens: bool = False) -> None:
        """Tell a user that the password was changed, and whether this has ended the API tokens."""
        mail = mails.password_changed_mail(user.username, self._url(FORGOT_PAGE), ended_tokens=ended_tokens)
        await self._send(user.email, mail)

    async def send_registration(self, username: str, email: str, secret: str) -> None:
        """Send the link that creates an account."""
        await self._send(email, mails.registration_mail(username, self._url(REGISTRATION_PAGE, secret)))

    async def send_already_registered(self, user: User) -> None:
        """Tell a user that somebody wanted to use their email for another account."""
        mail = mails.already_registered_mail(user.username, self._url(SIGN_IN_PAGE), self._url(FORGOT_PAGE))
        await self._send(user.email, mail)

    async def send_confirmation(self, user: User, secret: str) -> None:
        """Send the link that confirms the email of an account."""
        await self._send(user.email, mails.confirmation_mail(user.username, self._url(EMAIL_PAGE, secret)))

    async def send_change_of_email(self, user: User, email: str, secret: str) -> None:
        """Send the link that makes ``email`` the email of an account."""
        await self._send(email, mails.change_of_email_mail(user.username, self._url(EMAIL_PAGE, secret)))

    async def send_change_of_email_notice(self, user: User, email: str, secret: str = "") -> None:
        """Tell a user that ``email`` will replace theirs. ``secret`` is of a link that keeps or restores theirs."""
        link = self._url(EMAIL_PAGE, secret) if secret else ""
        await self._send(user.email, mails.change_of_email_notice(user.username, email, link))

    async def send_method_notice(self, user: User, method: str, *, is_added: bool) -> None:
        """Tell a user that a way to sign in, such as "authenticator app", was added or removed."""
        link = self._url(FORGOT_PAGE)
        await self._send(user.email, mails.method_changed_mail(user.username, method, link, is_added=is_added))

    async def send_recovery_code_notice(self, user: User, left: int) -> None:
        """Tell a user that a recovery code was used, and how many are left."""
        await self._send(user.email, mails.recovery_code_used_mail(user.username, left, self._url(FORGOT_PAGE)))

    async def send_wrong_codes_notice(self, user: User) -> None:
        """Tell a user that somebody has failed the second step several times."""
        await self._send(user.email, mails.wrong_codes_mail(user.username, self._url(FORGOT_PAGE)))

    async def send_deletion_notice(self, user: User, deletes_at: datetime) -> None:
        """Tell a user when their account will be deleted, and how to keep it."""
        mail = mails.deletion_requested_mail(user.username, deletes_at, self._url(SIGN_IN_PAGE))
        await self._send(user.email, mail)

    async def send_deleted_notice(self, user: User) -> None:
        """Tell a former user that their account was deleted."""
        await self._send(user.email, mails.account_deleted_mail(user.username, self._url("/")))

    async def send_report_reviewed(self, user: User) -> None:
        """Tell a user that the staff reviewed their report. The mail does not say what the staff did."""
        await self._send(user.email, mails.report_reviewed_mail(user.username, self._url(REPORTS_PAGE)))

    def in_background(self, work: Coroutine[None, None, None]) -> None:
        """Start ``work``, which sends a mail, without waiting for it."""
        task = asyncio.create_task(_logged(work))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _url(self, path: str, secret: str = "") -> str:
        return f"{self._site_url}{path}#{secret}" if secret else self._site_url + path

    async def _send(self, to: str, mail: mails.Mail) -> None:
        if self._mailer:
            await self._mailer.send(to, mail)

    async def wait_until_sent(self) -> None:
        """Wait for the mails that are being sent."""
        await asyncio.gather(*self._running)


async def _logged(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except StoreUnavailableError:
        log.error("A mail was not sent because the store does not answer")  # noqa: TRY400 - the store has logged it
