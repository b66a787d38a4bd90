"""Opens the backend: chooses the adapters by the settings and wires the services to them."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.api_tokens import ApiTokenService
from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.accounts.known_browsers import KnownBrowsers
from streaming_app.backend.accounts.password_service import PasswordService
from streaming_app.backend.accounts.service import AccountService
from streaming_app.backend.accounts.session_service import SessionLifetimes, SessionService
from streaming_app.backend.accounts.sign_in_limits import AccountLimits
from streaming_app.backend.adapters import kafka, mongo, sqlite
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox
from streaming_app.backend.adapters.image_processing import PillowPictures
from streaming_app.backend.adapters.live_dir import low_latency_dir_of
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.nginx_client import open_ingest
from streaming_app.backend.adapters.packager_client import HttpPackagerClient, open_packager_client
from streaming_app.backend.adapters.passwords import BcryptPasswords
from streaming_app.backend.adapters.session_tokens import AuthXTokens
from streaming_app.backend.adapters.site_secret import open_secrets
from streaming_app.backend.adapters.smtp_mailer import SmtpMailer
from streaming_app.backend.adapters.stream_keys import SealedStreamKeys
from streaming_app.backend.bus import Bus
from streaming_app.backend.chat.archiver import ChatArchiver
from streaming_app.backend.chat.channel_follows import FollowService
from streaming_app.backend.chat.chat_settings import ChatSettingsService
from streaming_app.backend.chat.command_handler import CommandHandler
from streaming_app.backend.chat.emotes import EmoteService
from streaming_app.backend.chat.held_message_review import HeldMessageService
from streaming_app.backend.chat.members import MembershipService
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.moderation_dashboard import ModerationDashboardQuery
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.room_mutations import ChatRoomMutations
from streaming_app.backend.chat.service import ChatService
from streaming_app.backend.chat.undo import UndoService
from streaming_app.backend.clock_changes import ClockWatch
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.media.ports import PackagerClient
from streaming_app.backend.media.recordings.model import RecordingLimits
from streaming_app.backend.media.recordings.recorder import Recorder
from streaming_app.backend.media.recordings.service import RecordingService
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.channel_service import ChannelService
from streaming_app.backend.streams.ports import Ingest
from streaming_app.backend.streams.refused_publishers import RefusedPublishers
from streaming_app.backend.streams.service import StreamService, StreamTimeouts

DATABASE_FILE = "streaming.sqlite3"
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
AUDITED_FAILURES = 10
"""Failed sign-ins to one account that the audit log contains at once."""
AUDITED_FAILURES_REFILL = timedelta(minutes=10)
"""Interval of further entries about failed sign-ins to one account."""
UPLOADS = 20
"""Pictures that one user may upload at once."""
UPLOAD_REFILL = timedelta(seconds=5)
"""Interval of further uploads of one user."""

Store = sqlite.SqliteStore | mongo.MongoStore


@dataclass(frozen=True, slots=True)
class Backend:
    """The open adapters and services of a process."""

    settings: Settings
    store: Store
    bus: Bus
    ingest: Ingest
    packager: PackagerClient
    audit_log: AuditLog
    accounts: AccountService
    passwords: PasswordService
    mails: AccountMails
    mailbox: DevelopmentMailbox | None
    """Keeps the mails of a site in development; ``None`` on other sites."""
    api_tokens: ApiTokenService
    channels: ChannelService
    streams: StreamService
    refused_publishers: RefusedPublishers
    chat: ChatService
    chat_archiver: ChatArchiver
    follows: FollowService
    moderation: ModerationService
    chat_settings: ChatSettingsService
    command_handler: CommandHandler
    undo_service: UndoService
    held_messages: HeldMessageService
    moderation_dashboard: ModerationDashboardQuery
    emotes: EmoteService
    audience: Audience
    viewer_key: bytes
    """Key of the hash that turns viewer cookies into viewer ids."""
    recordings: RecordingService
    recorder: Recorder


@asynccontextmanager
async def open_backend(settings: Settings, page_url: str = "") -> AsyncGenerator[Backend]:
    """Open the backend of a process; raises ``SetupError``.

    Without Kafka the process must also run the workers (``workers.runner.run_embedded``). Otherwise nobody archives
    chat messages, so the local bus refuses them. ``page_url`` is where ``reflex run`` serves the pages that mails link
    to, without a final slash.
    """
    _check(settings)
    async with (
        open_store(settings) as store,
        _open_bus(settings, store) as bus,
        open_ingest(settings) as ingest,
        open_packager_client(settings) as packager,
    ):
        backend = _wire(settings, store, bus, ingest, packager, page_url)
        yield backend
        await backend.mails.wait_until_sent()


def open_store(settings: Settings) -> AbstractAsyncContextManager[Store]:
    """Open only the store, and migrate it to the current schema; raises ``SetupError``."""
    if settings.mongo_url:
        return mongo.open_store(settings.mongo_url.get_secret_value())
    return sqlite.open_store(settings.data_dir / DATABASE_FILE)


def site_url_of(settings: Settings) -> str:
    """Return the URL of the site for links outside of pages, without a final slash."""
    return str(settings.public_url or f"http://localhost:{settings.http_port}").rstrip("/")


def now() -> datetime:
    """Return the current time in UTC, cut to milliseconds, the precision of both stores."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _mailer(settings: Settings) -> SmtpMailer | DevelopmentMailbox | None:
    if settings.smtp_url and settings.mail_from:
        return SmtpMailer(settings.smtp_url.get_secret_value(), settings.mail_from)
    return None if settings.public_url else DevelopmentMailbox(site_url_of(settings), now)


def _check(settings: Settings) -> None:
    if settings.kafka_bootstrap_servers and not settings.mongo_url:
        message = (
            "KAFKA_BOOTSTRAP_SERVERS needs MONGO_URL: with Kafka the site is several processes, and they share a store."
        )
        raise SetupError(message)
    if settings.redis_url and not settings.kafka_bootstrap_servers:
        message = (
            "REDIS_URL needs KAFKA_BOOTSTRAP_SERVERS (and MONGO_URL): it is for several web processes, which exchange"
            " events over Kafka."
        )
        raise SetupError(message)
    if settings.feed == "own" and not settings.kafka_bootstrap_servers:
        message = (
            "FEED=own needs KAFKA_BOOTSTRAP_SERVERS (and MONGO_URL): a feed in its own process receives its events from"
            " Kafka."
        )
        raise SetupError(message)


@asynccontextmanager
async def _open_bus(settings: Settings, store: Store) -> AsyncGenerator[Bus]:
    if settings.kafka_bootstrap_servers:
        async with kafka.open_bus(settings.kafka_bootstrap_servers, settings.kafka_topic_prefix) as bus:
            yield bus
    else:
        yield LocalBus(now, await store.chat_archive.newest_position())


def _wire(
    settings: Settings, store: Store, bus: Bus, ingest: Ingest, packager: HttpPackagerClient, page_url: str
) -> Backend:
    secrets = open_secrets(settings)
    keys = SealedStreamKeys(secrets.derive("stream-key-hash"), secrets.derive("stream-key-seal"))
    tokens = AuthXTokens(secrets.derive("session-token"))
    times = StreamTimeouts(settings.reconnect_grace, settings.end_hold, settings.publisher_timeout)
    rate_limit = RateLimit(settings.chat_burst, settings.chat_refill, monotonic, "Slow down.")
    uploads = RateLimit(UPLOADS, UPLOAD_REFILL, monotonic, "Slow down.")
    account_limits = AccountLimits(
        RateLimit(SIGN_IN_FAILURES, SIGN_IN_REFILL, monotonic, "Too many attempts."),
        RateLimit(ACCOUNT_FAILURES, ACCOUNT_REFILL, monotonic, "Too many attempts for this account."),
        RateLimit(
            settings.registration_burst,
            settings.registration_refill,
            monotonic,
            "Too many new accounts from your address.",
        ),
        RateLimit(
            settings.site_registration_burst,
            settings.site_registration_refill,
            monotonic,
            "Too many new accounts right now.",
        ),
        RateLimit(RESET_REQUESTS, RESET_REFILL, monotonic, "Too many requests."),
        RateLimit(ACCOUNT_RESET_MAILS, ACCOUNT_RESET_REFILL, monotonic, "Too many mails."),
    )
    bcrypt = BcryptPasswords(settings.password_hash_cost)
    failures = RateLimit(AUDITED_FAILURES, AUDITED_FAILURES_REFILL, monotonic, "Too many entries.")
    audit_log = AuditLog(store.audit_log, now, settings.audit_log_retention, failures)
    session_lifetimes = SessionLifetimes(
        settings.session_lifetime, settings.session_idle_lifetime, settings.recent_sign_in
    )
    sessions = SessionService(
        store.users, store.sessions, store.tickets, tokens, bus, now, session_lifetimes, audit_log
    )
    mailer = _mailer(settings)
    mailbox = mailer if isinstance(mailer, DevelopmentMailbox) else None
    mails = AccountMails(mailer, page_url or site_url_of(settings), delivers=mailbox is None)
    watch = ClockWatch(now, monotonic)
    streams = StreamService(store.users, store.channels, store.streams, keys, ingest, bus, now, times, watch=watch)
    members = MembershipService(store.users, store.chat_settings)
    moderation_log = ModerationLogService(store.moderation_log, bus, now)
    mutations = ChatRoomMutations(store.chat_settings, bus, now)
    moderation = ModerationService(members, store.chat_archive, mutations, moderation_log, now)
    chat_settings = ChatSettingsService(
        members, store.chat_archive, store.chat_settings, mutations, moderation_log, now
    )
    command_handler = CommandHandler(moderation, chat_settings)
    limits = RecordingLimits(settings.recording_retention, settings.recording_quota, settings.recording_reserve)
    data_dir = settings.data_dir.resolve()
    storage = RecordingStorage(data_dir / "recordings", low_latency_dir_of(settings), data_dir / "thumbnails")
    return Backend(
        settings=settings,
        store=store,
        bus=bus,
        ingest=ingest,
        packager=packager,
        audit_log=audit_log,
        accounts=AccountService(
            store.users,
            sessions,
            bcrypt,
            now,
            account_limits,
            KnownBrowsers(secrets.derive("known-browser")),
            audit_log,
        ),
        passwords=PasswordService(store.users, store.tickets, bcrypt, bus, now, account_limits, mails, audit_log),
        mails=mails,
        mailbox=mailbox,
        api_tokens=ApiTokenService(store.users, store.api_tokens, now, audit_log),
        channels=ChannelService(store.channels, store.streams, keys, bus, now),
        streams=streams,
        refused_publishers=RefusedPublishers(store.channels, bus, now, monotonic),
        chat=ChatService(
            members,
            store.chat_archive,
            store.chat_settings,
            store.held_messages,
            moderation_log,
            command_handler,
            rate_limit,
            bus,
            now,
            settings.chat_max_length,
        ),
        chat_archiver=ChatArchiver(store.chat_archive),
        follows=FollowService(store.users, store.channels, store.follows, now),
        moderation=moderation,
        chat_settings=chat_settings,
        command_handler=command_handler,
        undo_service=UndoService(members, store.chat_archive, store.chat_settings, mutations, moderation_log, now),
        held_messages=HeldMessageService(members, store.held_messages, mutations, moderation_log, bus, now),
        moderation_dashboard=ModerationDashboardQuery(
            members, store.chat_settings, store.held_messages, store.emotes, moderation_log, now
        ),
        emotes=EmoteService(members, store.channels, store.emotes, PillowPictures(), uploads, moderation_log, bus, now),
        audience=Audience(monotonic),
        viewer_key=secrets.derive("viewer"),
        recordings=RecordingService(store.recordings, store.channels, store.streams, limits),
        recorder=Recorder(store.recordings, streams, packager, storage, limits, now, monotonic),
    )
