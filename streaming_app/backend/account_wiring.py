"""Wires the services of accounts to their adapters, for ``bootstrap``."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.api_tokens import ApiTokenService
from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.accounts.authenticator_app import KEY_CHANGED
from streaming_app.backend.accounts.authenticator_service import AuthenticatorService
from streaming_app.backend.accounts.email_service import EmailService
from streaming_app.backend.accounts.invitations import InvitationService
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.mail_registration import MailRegistration
from streaming_app.backend.accounts.passkey_service import PasskeyService
from streaming_app.backend.accounts.password_service import PasswordService
from streaming_app.backend.accounts.providers.services import ProviderServices
from streaming_app.backend.accounts.registration_gate import RegistrationGate, RegistrationMode
from streaming_app.backend.accounts.second_step import SecondStepService
from streaming_app.backend.accounts.service import AccountService
from streaming_app.backend.accounts.session_service import SessionLifetimes, SessionService
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.accounts.sign_in_priority import SignInPriority
from streaming_app.backend.accounts.user_administration import UserAdministration
from streaming_app.backend.accounts.wrong_code_notices import WrongCodeNotices
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox
from streaming_app.backend.adapters.metrics.measured_services import MeasuredAuditLog
from streaming_app.backend.adapters.passwords import BcryptPasswords
from streaming_app.backend.adapters.redis_mails import RedisMails
from streaming_app.backend.adapters.sealing import FernetSeal
from streaming_app.backend.adapters.session_tokens import AuthXTokens
from streaming_app.backend.adapters.sign_in_providers import sign_in_providers
from streaming_app.backend.adapters.sign_in_providers.wiring import provider_services
from streaming_app.backend.adapters.site_secret import Secrets
from streaming_app.backend.adapters.smtp_mailer import SmtpMailer
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.adapters.webauthn_verifier import WebAuthnVerifier
from streaming_app.backend.bus import Bus
from streaming_app.backend.config import Settings
from streaming_app.backend.rate_limit import NewRateLimit

SIGN_IN_FAILURES = 10
"""Wrong passwords from one address that are allowed at once."""
SIGN_IN_REFILL = timedelta(seconds=15)
"""Interval of further wrong passwords from one address."""
ACCOUNT_FAILURES = 20
"""Wrong passwords for one account, from all unknown browsers, that are allowed at once."""
ACCOUNT_REFILL = timedelta(minutes=1)
"""Interval of further wrong passwords for one account."""
RESET_REQUESTS = 5
"""Password reset links that one address may request at once."""
RESET_REFILL = timedelta(minutes=2)
"""Interval of further requests for reset links from one address."""
ACCOUNT_RESET_MAILS = 3
"""Mails with a reset link that one account gets at once."""
ACCOUNT_RESET_REFILL = timedelta(minutes=20)
"""Interval of further mails with a reset link to one account."""
ADDRESS_MAILS = 3
"""Mails with other links that one email address gets at once."""
ADDRESS_MAILS_REFILL = timedelta(minutes=20)
"""Interval of further mails with other links to one email address."""
WRONG_CODES = 5
"""Wrong codes of an authenticator app for one account, from all unknown browsers, that are allowed at once."""
WRONG_CODES_REFILL = timedelta(minutes=5)
"""Interval of further wrong codes. An attacker who knows the password guesses right once in about three years."""
AUDITED_FAILURES = 10
"""Failed sign-ins to one account that the audit log contains at once."""
AUDITED_FAILURES_REFILL = timedelta(minutes=10)
"""Interval of further entries about failed sign-ins to one account."""


@dataclass(frozen=True, slots=True)
class AccountServices:
    """The services of accounts, as ``Backend`` names them."""

    audit_log: AuditLog
    sign_in_priority: SignInPriority
    accounts: AccountService
    users: UserAdministration
    registration_gate: RegistrationGate
    invitations: InvitationService
    passwords: PasswordService
    emails: EmailService
    registration: MailRegistration
    authenticators: AuthenticatorService
    second_steps: SecondStepService
    passkeys: PasskeyService
    mails: AccountMails
    mailbox: DevelopmentMailbox | None
    api_tokens: ApiTokenService
    providers: ProviderServices


def wire_accounts(
    settings: Settings,
    store: Store,
    bus: Bus,
    secrets: Secrets,
    now: Callable[[], datetime],
    new_limit: NewRateLimit,
    page_url: str,
) -> AccountServices:
    """Return the services. ``page_url`` is where mails link to if that is not where nginx serves the site."""
    limits = _limits(settings, new_limit)
    known_browsers = KnownBrowsers(secrets.derive("known-browser"))
    sign_in_priority = SignInPriority(known_browsers, monotonic)
    bcrypt = BcryptPasswords(settings.password_hash_cost, sign_in_priority)
    failures = new_limit("audited-failures", AUDITED_FAILURES, AUDITED_FAILURES_REFILL, "Too many entries.")
    audit_log = MeasuredAuditLog(store.audit_log, now, settings.audit_log_retention, failures)
    tokens = AuthXTokens(secrets.derive("session-token"))
    lifetimes = SessionLifetimes(settings.session_lifetime, settings.session_idle_lifetime, settings.recent_sign_in)
    sessions = SessionService(
        store.users, store.sessions, store.tickets, tokens, bus, now, lifetimes, audit_log, store.authenticator_apps
    )
    mailer = _mailer(settings, now)
    mailbox = mailer if isinstance(mailer, DevelopmentMailbox) else None
    mails = AccountMails(mailer, page_url or site_url_of(settings), delivers=mailbox is None)
    mail_limit = new_limit("mails", ADDRESS_MAILS, ADDRESS_MAILS_REFILL, "Too many mails to this address.")
    seal = FernetSeal(secrets.derive("authenticator-seal"), KEY_CHANGED)
    wrong_codes = new_limit("codes", WRONG_CODES, WRONG_CODES_REFILL, "Too many wrong codes.")
    refused_passkeys = new_limit("passkeys", SIGN_IN_FAILURES, SIGN_IN_REFILL, "Too many attempts.")
    apps = store.authenticator_apps
    providers = sign_in_providers(settings, site_url_of(settings))
    gate = RegistrationGate(RegistrationMode(settings.registration), store.invitations, store.users, now)
    return AccountServices(
        audit_log=audit_log,
        sign_in_priority=sign_in_priority,
        accounts=AccountService(store.users, sessions, bcrypt, now, limits, known_browsers, audit_log, gate),
        users=UserAdministration(store.users, sessions, now, audit_log),
        registration_gate=gate,
        invitations=InvitationService(store.invitations, store.users, now, audit_log),
        passwords=PasswordService(
            store.users,
            store.identities,
            store.passkeys,
            store.tickets,
            bcrypt,
            bus,
            now,
            limits,
            mails,
            audit_log,
        ),
        emails=EmailService(store.users, store.mail_links, bus, now, mail_limit, mails, audit_log),
        registration=MailRegistration(
            store.users, store.mail_links, bcrypt, now, limits, mail_limit, mails, audit_log, gate
        ),
        authenticators=AuthenticatorService(store.users, apps, seal, now, wrong_codes, audit_log, mails),
        second_steps=SecondStepService(
            store.users,
            apps,
            store.tickets,
            sessions,
            seal,
            now,
            wrong_codes,
            WrongCodeNotices(mails, new_limit),
            known_browsers,
            audit_log,
            mails,
        ),
        passkeys=PasskeyService(
            store.users,
            store.passkeys,
            store.sign_in_methods,
            frozenset(providers),
            WebAuthnVerifier(),
            sessions,
            now,
            refused_passkeys,
            audit_log,
            mails,
        ),
        mails=mails,
        mailbox=mailbox,
        api_tokens=ApiTokenService(store.users, store.api_tokens, now, audit_log),
        providers=provider_services(
            providers, site_url_of(settings), store, new_limit, limits, audit_log, now, gate, mails
        ),
    )


def site_url_of(settings: Settings) -> str:
    """Return the URL of the site for links outside of pages, without a final slash."""
    return str(settings.public_url or f"http://localhost:{settings.http_port}").rstrip("/")


def _mailer(settings: Settings, now: Callable[[], datetime]) -> SmtpMailer | DevelopmentMailbox | None:
    if settings.smtp_url and settings.mail_from:
        return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    if settings.public_url:
        return None
    shared = RedisMails(settings.redis_url.get_secret_value()) if settings.redis_url else None
    return DevelopmentMailbox(site_url_of(settings), now, shared)


def _limits(settings: Settings, new_limit: NewRateLimit) -> AccountLimits:
    return AccountLimits(
        new_limit("sign-ins", SIGN_IN_FAILURES, SIGN_IN_REFILL, "Too many attempts."),
        new_limit("account-sign-ins", ACCOUNT_FAILURES, ACCOUNT_REFILL, "Too many attempts for this account."),
        new_limit(
            "registrations",
            settings.registration_burst,
            settings.registration_refill,
            "Too many new accounts from your address.",
        ),
        new_limit(
            "site-registrations",
            settings.site_registration_burst,
            settings.site_registration_refill,
            "Too many new accounts right now.",
        ),
        new_limit("reset-requests", RESET_REQUESTS, RESET_REFILL, "Too many requests."),
        new_limit("reset-mails", ACCOUNT_RESET_MAILS, ACCOUNT_RESET_REFILL, "Too many mails."),
    )
