"""The store of a site that runs on one machine."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from streaming_app.backend.accounts.providers.model import PendingIdentity, SignInAttempt
from streaming_app.backend.adapters.metrics.operations import measured_store
from streaming_app.backend.adapters.sqlite.account_data import SqliteAccountDeletions, SqliteAccountRecords
from streaming_app.backend.adapters.sqlite.accounts import SqliteSessions, SqliteTickets, SqliteUsers
from streaming_app.backend.adapters.sqlite.api_tokens import SqliteApiTokens
from streaming_app.backend.adapters.sqlite.audit_log import SqliteAuditEntries
from streaming_app.backend.adapters.sqlite.authenticator_apps import SqliteAuthenticatorApps
from streaming_app.backend.adapters.sqlite.avatars import SqliteAvatars
from streaming_app.backend.adapters.sqlite.chat import SqliteChatArchive
from streaming_app.backend.adapters.sqlite.chat_settings import SqliteChatSettings
from streaming_app.backend.adapters.sqlite.database import open_database
from streaming_app.backend.adapters.sqlite.emotes import SqliteEmotes
from streaming_app.backend.adapters.sqlite.follows import SqliteFollows
from streaming_app.backend.adapters.sqlite.identities import SqliteIdentities, SqliteShortLivedRecords
from streaming_app.backend.adapters.sqlite.invitations import SqliteInvitations
from streaming_app.backend.adapters.sqlite.mail_links import SqliteMailLinks
from streaming_app.backend.adapters.sqlite.moderation import SqliteHeldMessages, SqliteModerationLog
from streaming_app.backend.adapters.sqlite.old_record_deletion import SqliteOldRecords
from streaming_app.backend.adapters.sqlite.passkeys import SqlitePasskeys
from streaming_app.backend.adapters.sqlite.recordings import SqliteRecordings
from streaming_app.backend.adapters.sqlite.reports import SqliteReports
from streaming_app.backend.adapters.sqlite.sign_in_methods import SqliteSignInMethods
from streaming_app.backend.adapters.sqlite.stream_blocks import SqliteStreamBlocks
from streaming_app.backend.adapters.sqlite.streamer_requests import SqliteStreamerRequests
from streaming_app.backend.adapters.sqlite.streams import SqliteChannels, SqliteStreams
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.adapters.store_copy import RESTORE_MARKER
from streaming_app.backend.errors import SetupError


@dataclass(frozen=True, slots=True)
class SqliteStore(Store):
    """Implements all store ports with one SQLite file."""


@asynccontextmanager
async def open_store(path: str | Path) -> AsyncGenerator[SqliteStore, None]:
    """Open the store in the file ``path``, or in memory for ``:memory:``. Raises ``SetupError``."""
    if (Path(path).parent / RESTORE_MARKER).exists():
        raise SetupError(f"{Path(path).parent} has a backup that is not restored completely. Repeat `restore`.")
    async with open_database(path) as database:
        store = SqliteStore(
            users=SqliteUsers(database),
            sessions=SqliteSessions(database),
            tickets=SqliteTickets(database),
            mail_links=SqliteMailLinks(database),
            avatars=SqliteAvatars(database),
            api_tokens=SqliteApiTokens(database),
            audit_log=SqliteAuditEntries(database),
            invitations=SqliteInvitations(database),
            authenticator_apps=SqliteAuthenticatorApps(database),
            passkeys=SqlitePasskeys(database),
            identities=SqliteIdentities(database),
            sign_in_methods=SqliteSignInMethods(database),
            sign_in_attempts=SqliteShortLivedRecords(database, "provider_sign_ins", SignInAttempt, "state_hash"),
            pending_identities=SqliteShortLivedRecords(database, "pending_identities", PendingIdentity, "secret_hash"),
            channels=SqliteChannels(database),
            streams=SqliteStreams(database),
            stream_blocks=SqliteStreamBlocks(database),
            streamer_requests=SqliteStreamerRequests(database),
            chat_archive=SqliteChatArchive(database),
            chat_settings=SqliteChatSettings(database),
            follows=SqliteFollows(database),
            moderation_log=SqliteModerationLog(database),
            held_messages=SqliteHeldMessages(database),
            emotes=SqliteEmotes(database),
            recordings=SqliteRecordings(database),
            reports=SqliteReports(database),
            account_deletions=SqliteAccountDeletions(database),
            account_records=SqliteAccountRecords(database),
            old_records=SqliteOldRecords(database),
        )
        yield measured_store(store)
