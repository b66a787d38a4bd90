"""The services of the export and the deletion of accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from streaming_app.backend.account_data.deletion import AccountDeletionService
from streaming_app.backend.account_data.eraser import AccountEraser
from streaming_app.backend.account_data.ports import AccountFiles, OwnedDataStore
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.bus import Bus
from streaming_app.backend.streams.service import StreamService


@dataclass(frozen=True, slots=True)
class AccountDataServices:
    """What a process needs to export and delete accounts."""

    deletion: AccountDeletionService
    eraser: AccountEraser


def wire_account_data(
    store: OwnedDataStore,
    files: AccountFiles,
    sessions: SessionService,
    streams: StreamService,
    mails: AccountMails,
    audit_log: AuditLog,
    bus: Bus,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    delay: timedelta,
) -> AccountDataServices:
    """Create the services. ``delay`` is the time between a request and the deletion."""
    deletion = AccountDeletionService(
        store.users, store.account_deletions, sessions, streams, mails, audit_log, bus, now, delay
    )
    return AccountDataServices(deletion, AccountEraser(deletion, store, files, mails, audit_log, bus, now, clock))
