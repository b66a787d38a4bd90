"""Opens the MongoDB store: connects, sets the write guarantees and creates indexes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from streaming_app.backend.accounts.providers.model import PendingIdentity, SignInAttempt
from streaming_app.backend.adapters.metrics.operations import measured_store
from streaming_app.backend.adapters.mongo.account_data import MongoAccountDeletions, MongoAccountRecords
from streaming_app.backend.adapters.mongo.accounts import MongoSessions, MongoTickets, MongoUsers
from streaming_app.backend.adapters.mongo.api_tokens import MongoApiTokens
from streaming_app.backend.adapters.mongo.audit_log import MongoAuditEntries
from streaming_app.backend.adapters.mongo.authenticator_apps import MongoAuthenticatorApps
from streaming_app.backend.adapters.mongo.avatars import MongoAvatars
from streaming_app.backend.adapters.mongo.chat import MongoChatArchive
from streaming_app.backend.adapters.mongo.chat_settings import MongoChatSettings
from streaming_app.backend.adapters.mongo.connection import connected, reporting_refusals
from streaming_app.backend.adapters.mongo.documents import Database
from streaming_app.backend.adapters.mongo.emotes import MongoEmotes
from streaming_app.backend.adapters.mongo.follows import MongoFollows
from streaming_app.backend.adapters.mongo.identities import MongoIdentities, MongoShortLivedRecords
from streaming_app.backend.adapters.mongo.indexes import ensure_indexes
from streaming_app.backend.adapters.mongo.invitations import MongoInvitations
from streaming_app.backend.adapters.mongo.mail_links import MongoMailLinks
from streaming_app.backend.adapters.mongo.moderation import MongoHeldMessages, MongoModerationLog
from streaming_app.backend.adapters.mongo.old_record_deletion import MongoOldRecords
from streaming_app.backend.adapters.mongo.passkeys import MongoPasskeys
from streaming_app.backend.adapters.mongo.recordings import MongoRecordings
from streaming_app.backend.adapters.mongo.reports import MongoReports
from streaming_app.backend.adapters.mongo.restore_marker import check_is_complete
from streaming_app.backend.adapters.mongo.schema_version import update_schema
from streaming_app.backend.adapters.mongo.sign_in_methods import MongoSignInMethods
from streaming_app.backend.adapters.mongo.stream_blocks import MongoStreamBlocks
from streaming_app.backend.adapters.mongo.streamer_requests import MongoStreamerRequests
from streaming_app.backend.adapters.mongo.streams import MongoChannels, MongoStreams
from streaming_app.backend.adapters.store import Store


@dataclass(frozen=True, slots=True)
class MongoStore(Store):
    """Implements all store ports with one MongoDB database."""


@asynccontextmanager
async def open_store(url: str) -> AsyncGenerator[MongoStore, None]:
    """Open the store in the database of ``url``. Raises ``SetupError`` with a message without credentials."""
    async with connected(url) as database:
        await _prepare(database, url)
        store = MongoStore(
            users=MongoUsers(database),
            sessions=MongoSessions(database),
            tickets=MongoTickets(database),
            mail_links=MongoMailLinks(database),
            avatars=MongoAvatars(database),
            api_tokens=MongoApiTokens(database),
            audit_log=MongoAuditEntries(database),
            invitations=MongoInvitations(database),
            authenticator_apps=MongoAuthenticatorApps(database),
            passkeys=MongoPasskeys(database),
            identities=MongoIdentities(database),
            sign_in_methods=MongoSignInMethods(database),
            sign_in_attempts=MongoShortLivedRecords(database, "provider_sign_ins", SignInAttempt, "state_hash"),
            pending_identities=MongoShortLivedRecords(database, "pending_identities", PendingIdentity, "secret_hash"),
            channels=MongoChannels(database),
            streams=MongoStreams(database),
            stream_blocks=MongoStreamBlocks(database),
            streamer_requests=MongoStreamerRequests(database),
            chat_archive=MongoChatArchive(database),
            chat_settings=MongoChatSettings(database),
            follows=MongoFollows(database),
            moderation_log=MongoModerationLog(database),
            held_messages=MongoHeldMessages(database),
            emotes=MongoEmotes(database),
            recordings=MongoRecordings(database),
            reports=MongoReports(database),
            account_deletions=MongoAccountDeletions(database),
            account_records=MongoAccountRecords(database),
            old_records=MongoOldRecords(database),
        )
        yield measured_store(store)


async def _prepare(database: Database, url: str) -> None:
    with reporting_refusals(url, f"prepare the database {database.name}"):
        await database.command("ping")
        await check_is_complete(database)
        async with connected(url, is_patient=True) as patient:
            await update_schema(patient)
            await ensure_indexes(patient)
