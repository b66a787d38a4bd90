"""Wires the services of sign-in with providers to a store and to the configured providers."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.accounts.providers.linked_accounts import LinkedAccountService
from streaming_app.backend.accounts.providers.ports import SignInProvider
from streaming_app.backend.accounts.providers.service import ProviderSignIn
from streaming_app.backend.accounts.providers.services import ProviderServices
from streaming_app.backend.accounts.registration_gate import RegistrationGate
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.rate_limit import NewRateLimit

STARTS = 20
"""Sign-ins with providers that one address may start at once."""
START_REFILL = timedelta(seconds=5)
"""Interval of further sign-ins with providers from one address."""


def provider_services(
    providers: Mapping[str, SignInProvider],
    site_url: str,
    store: Store,
    new_limit: NewRateLimit,
    limits: AccountLimits,
    audit_log: AuditLog,
    now: Callable[[], datetime],
    gate: RegistrationGate,
    mails: AccountMails,
) -> ProviderServices:
    """Return the services. ``site_url`` has no final slash; the providers send browsers back to it."""
    sign_in = ProviderSignIn(
        providers,
        store.users,
        store.identities,
        store.sign_in_attempts,
        store.pending_identities,
        new_limit("provider-starts", STARTS, START_REFILL, "Too many sign-ins."),
        now,
        site_url,
    )
    linked = LinkedAccountService(
        sign_in, store.users, store.identities, store.sign_in_methods, limits, audit_log, now, gate, mails
    )
    return ProviderServices(sign_in, linked)
