"""Opens the MongoDB store: connects, sets the write guarantees and creates indexes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from streaming_app.backend.accounts.providers.model import PendingIdentity, SignInAttempt
from streaming_app.backend.adapters.mongo.account_data import MongoAccountDeletions, MongoAccountRecords
from streaming_app.backend.adapters.mongo.accounts import MongoSessions, MongoTickets, MongoUsers, fill_skeletons
from streaming_app.backend.adapters.mongo.api_tokens import MongoApiTokens
from streaming_app.backend.adapters.mongo.audit_log import MongoAuditEntries
from streaming_app.backend.adapters.mongo.authenticator_apps import MongoAuthenticatorApps
from streaming_app.backend.adapters.mongo.avatars import MongoAvatars
from streaming_app.backend.adapters.mongo.chat import MongoChatArchive
from streaming_app.backend.adapters.mongo.chat_settings import MongoChatSettings
from streaming_app.backend.adapters.mongo.documents import Database
from streaming_app.backend.adapters.mongo.emotes import MongoEmotes
from streaming_app.backend.adapters.mongo.follows import MongoFollows
from streaming_app.backend.adapters.mongo.identities import MongoIdentities, MongoShortLivedRecords
from streaming_app.backend.adapters.mongo.indexes import ensure_indexes
from streaming_app.backend.adapters.mongo.invitations import MongoInvitations
from streaming_app.backend.adapters.mongo.mail_links import MongoMailLinks
from streaming_app.backend.adapters.mongo.moderation import MongoHeldMessages, MongoModerationLog
from streaming_app.backend.adapters.mongo.passkeys import MongoPasskeys
from streaming_app.backend.adapters.mongo.recordings import MongoRecordings
from streaming_app.backend.adapters.mongo.reports import MongoReports
from streaming_app.backend.adapters.mongo.sign_in_methods import MongoSignInMethods
from streaming_app.backend.adapters.mongo.stream_blocks import MongoStreamBlocks
from streaming_app.backend.adapters.mongo.streamer_requests import MongoStreamerRequests
from streaming_app.backend.adapters.mongo.streams import MongoChannels, MongoStreams
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import SetupError

DEFAULT_DATABASE = "streaming_app"
"""Name of the database if the URL has none."""

SERVER_SELECTION_MS = 5_000
"""How long an operation waits for an available server."""
SOCKET_MS = 20_000
"""How long an operation waits for the response of the server."""

_AUTHENTICATION_FAILED = 18


@dataclass(frozen=True, slots=True)
class MongoStore(Store):
    """Implements all store ports with one MongoDB database."""


@asynccontextmanager
async def open_store(url: str) -> AsyncGenerator[MongoStore, None]:
    """Open the store in the database of ``url``. Raises ``SetupError`` with a message without credentials."""
    client = _connect(url)
    try:
        database = client.get_default_database(DEFAULT_DATABASE)
        await _prepare(database, server=urlsplit(url).netloc.rpartition("@")[2])
        yield MongoStore(
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
        )
    finally:
        client.close()


def _connect(url: str) -> AsyncIOMotorClient[dict[str, Any]]:
    try:
        parse_uri(url)
        return AsyncIOMotorClient(
            url,
            tz_aware=True,
            tzinfo=UTC,
            w="majority",
            journal=True,
            serverSelectionTimeoutMS=SERVER_SELECTION_MS,
            connectTimeoutMS=SERVER_SELECTION_MS,
            socketTimeoutMS=SOCKET_MS,
            appname="streaming_app",
        )
    except (PyMongoError, ValueError):
        # the driver's message may contain the URL and its password
        message = (
            "MONGO_URL is not a MongoDB URL (or, with mongodb+srv, its host is not in DNS)."
            " It looks like mongodb://user:password@host:27017/database."
        )
        raise SetupError(message) from None


async def _prepare(database: Database, server: str) -> None:
    try:
        await database.command("ping")
        await ensure_indexes(database)
        await fill_skeletons(database)
    except ConfigurationError as error:
        message = f"MongoDB at {server} cannot be used: {error}."
        raise SetupError(message) from None
    except OperationFailure as error:
        if error.code == _AUTHENTICATION_FAILED:
            message = f"MongoDB at {server} refuses the user name or password in MONGO_URL."
        else:
            message = f"MongoDB at {server} refuses to prepare the database {database.name}: {_reason(error)}."
        raise SetupError(message) from None
    except PyMongoError:
        message = f"MongoDB at {server} does not answer. Is it running, and is MONGO_URL right?"
        raise SetupError(message) from None


def _reason(error: OperationFailure) -> str:
    return str((error.details or {}).get("errmsg") or error.code)
