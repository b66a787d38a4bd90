"""A session service on a store, for services that need one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.accounts.session_service import SessionLifetimes, SessionService
from streaming_app.backend.adapters.session_tokens import AuthXTokens
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.bus import Bus

THIRTY_DAYS = SessionLifetimes(absolute=timedelta(days=30), idle=timedelta(days=30))


def session_service_of(
    store: Store,
    bus: Bus,
    now: Callable[[], datetime],
    audit_log: AuditLog,
    lifetimes: SessionLifetimes = THIRTY_DAYS,
) -> SessionService:
    """Return a service of the sessions in ``store``."""
    return SessionService(
        store.users,
        store.sessions,
        store.tickets,
        AuthXTokens(bytes(32)),
        bus,
        now,
        lifetimes,
        audit_log,
        store.authenticator_apps,
    )
