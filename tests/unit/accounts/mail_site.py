"""The accounts of a site whose mails are kept in a mailbox, for tests of the links in them."""

import re
from dataclasses import dataclass, field

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.email_service import EmailService
from streaming_app.backend.accounts.mail_registration import MailRegistration
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox, KeptMail
from streaming_app.backend.bootstrap import now
from streaming_app.backend.rate_limit import RateLimit
from tests.rig.audit import audit_log_of
from tests.rig.password_hashing import bcrypt_passwords
from tests.rig.registration import open_gate
from tests.unit.accounts.test_password_service import ADDRESS, HOUR, OLD, TRIES, Site

URL = "https://live.example.com"
REGISTRATIONS = 2 * TRIES
"""Burst of the limits of registrations. That of mails to one address is ``TRIES``."""


@dataclass
class MailSite(Site):
    """A site with the services of emails. Its mails reach their recipients, as far as the services know."""

    mailbox: DevelopmentMailbox = field(default_factory=lambda: DevelopmentMailbox(URL, now))
    emails: EmailService = field(init=False)
    registration: MailRegistration = field(init=False)

    def __post_init__(self) -> None:
        self.mailer = self.mailbox
        super().__post_init__()
        self.mails = AccountMails(self.mailbox, URL)
        audit_log = audit_log_of(self.store, self.clock)
        users, links = self.store.users, self.store.mail_links
        limits = AccountLimits(*(RateLimit(REGISTRATIONS, HOUR, lambda: 0.0, "Too many.") for _ in range(6)))
        mail_limit = RateLimit(TRIES, HOUR, lambda: 0.0, "Too many mails to this address.")
        self.emails = EmailService(users, links, self.bus, self.clock, mail_limit, self.mails, audit_log)
        self.registration = MailRegistration(
            users,
            links,
            bcrypt_passwords(),
            self.clock,
            limits,
            mail_limit,
            self.mails,
            audit_log,
            open_gate(self.store, self.clock),
        )

    async def mails_to(self, email: str) -> list[KeptMail]:
        """Return the mails to ``email``, oldest first, when all of them are sent."""
        await self.mails.wait_until_sent()
        return [kept for kept in reversed(self.mailbox.mails()) if kept.to == email]

    async def secret_to(self, email: str) -> str:
        """Return the secret of the link in the newest mail to ``email``."""
        newest = (await self.mails_to(email))[-1].mail
        [secret] = re.findall(rf"{URL}/[a-z-]+#([\w-]+)", newest.text)
        assert f"#{secret}" in newest.html
        return secret

    async def register(self, username: str = "Ann", email: str = "ann@example.com") -> User:
        """Create an account with a confirmed email and the password ``OLD``."""
        await self.registration.request(username, email, ADDRESS)
        return await self.registration.finish(await self.secret_to(email), username, OLD, ADDRESS)

    async def user(self, username: str = "ann") -> User:
        return await self.store.users.get_by_login(username)

    async def audit_actions(self) -> list[str]:
        """Return the actions in the audit log, newest first."""
        return [entry.action for entry in await self.store.audit_log.newest(100)]
