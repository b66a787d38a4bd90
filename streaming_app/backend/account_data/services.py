"""The services of the export and the deletion of accounts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from streaming_app.backend.account_data.deletion import AccountDeletionService
from streaming_app.backend.account_data.eraser import AccountEraser
from streaming_app.backend.account_data.export import AccountExport
from streaming_app.backend.account_data.ports import AccountFiles, ExportableStore
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.accounts.session_service import SessionService
from streaming_app.backend.bus import Bus
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.rate_limit import NewRateLimit
from streaming_app.backend.streams.service import StreamService

EXPORTS = 3
"""Downloads of the data of one account that are allowed at once."""
EXPORT_REFILL = timedelta(minutes=20)
"""Interval of further downloads."""


@dataclass(frozen=True, slots=True)
class AccountDataServices:
    """What a process needs to export and delete accounts."""

    deletion: AccountDeletionService
    eraser: AccountEraser
    export: AccountExport


def wire_account_data(
    store: ExportableStore,
    files: AccountFiles,
    storage: RecordingStorage,
    sessions: SessionService,
    streams: StreamService,
    mails: AccountMails,
    audit_log: AuditLog,
    bus: Bus,
    now: Callable[[], datetime],
    clock: Callable[[], float],
    new_limit: NewRateLimit,
    delay: timedelta,
) -> AccountDataServices:
    """Create the services. ``delay`` is the time between a request and the deletion."""
    deletion = AccountDeletionService(
        store.users, store.account_deletions, sessions, streams, mails, audit_log, bus, now, delay
    )
    limit = new_limit("exports", EXPORTS, EXPORT_REFILL, "Too many downloads of your data.")
    return AccountDataServices(
        deletion,
        AccountEraser(deletion, store, files, mails, audit_log, bus, now, clock),
        AccountExport(store, storage, sessions, audit_log, limit, now),
    )
