"""An audit log on a store, for services that need one."""

from collections.abc import Callable
from datetime import datetime, timedelta

from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.rate_limit import RateLimit

FAILURES = 3
"""Entries about failed sign-ins to one account."""


def audit_log_of(store: Store, now: Callable[[], datetime]) -> AuditLog:
    """Return an audit log in ``store``."""
    failures = RateLimit(FAILURES, timedelta(hours=1), lambda: 0.0, "Too many.")
    return AuditLog(store.audit_log, now, timedelta(days=30), failures)
