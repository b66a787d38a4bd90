"""Opens the backend: chooses the adapters by the settings and wires the services to them."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from streaming_app.backend.account_data.services import AccountDataServices, wire_account_data
from streaming_app.backend.account_wiring import wire_accounts
from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.api_tokens import ApiTokenService
from streaming_app.backend.accounts.audit_log import AuditLog
from streaming_app.backend.accounts.authenticator_service import AuthenticatorService
from streaming_app.backend.accounts.captcha import Captcha
from streaming_app.backend.accounts.email_service import EmailService
from streaming_app.backend.accounts.invitations import InvitationService
from streaming_app.backend.accounts.mail_registration import MailRegistration
from streaming_app.backend.accounts.passkey_service import PasskeyService
from streaming_app.backend.accounts.password_service import PasswordService
from streaming_app.backend.accounts.providers.services import ProviderServices
from streaming_app.backend.accounts.registration_gate import RegistrationGate
from streaming_app.backend.accounts.second_step import SecondStepService
from streaming_app.backend.accounts.service import AccountService
from streaming_app.backend.accounts.sign_in_priority import SignInPriority
from streaming_app.backend.accounts.user_administration import UserAdministration
from streaming_app.backend.action_limits import action_limits
from streaming_app.backend.adapters import mongo, sqlite
from streaming_app.backend.adapters.account_files import DiskAccountFiles
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox
from streaming_app.backend.adapters.event_bus import open_bus
from streaming_app.backend.adapters.http_captcha import captcha_of
from streaming_app.backend.adapters.image_processing import PillowPictures
from streaming_app.backend.adapters.live_dir import low_latency_dir_of
from streaming_app.backend.adapters.metrics.measured_services import MeasuredChatService
from streaming_app.backend.adapters.nginx_client import open_ingest
from streaming_app.backend.adapters.packager_client import HttpPackagerClient, open_packager_client
from streaming_app.backend.adapters.redis_rate_limits import open_limits
from streaming_app.backend.adapters.site_secret import open_secrets
from streaming_app.backend.adapters.store import Store
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
from streaming_app.backend.chat.undo import UndoService
from streaming_app.backend.clock_changes import ClockWatch
from streaming_app.backend.config import Settings, check_processes
from streaming_app.backend.media.ports import PackagerClient
from streaming_app.backend.media.recordings.model import RecordingLimits
from streaming_app.backend.media.recordings.recorder import Recorder
from streaming_app.backend.media.recordings.service import RecordingService
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.rate_limit import NewRateLimit
from streaming_app.backend.reports.service import ReportService, report_limit
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.channel_service import ChannelLimits, ChannelService
from streaming_app.backend.streams.live_administration import LiveAdministration
from streaming_app.backend.streams.ports import Ingest
from streaming_app.backend.streams.profiles import ProfileService
from streaming_app.backend.streams.refused_publishers import RefusedPublishers
from streaming_app.backend.streams.service import StreamService, StreamTimeouts
from streaming_app.backend.streams.streamer_approval import StreamerApproval
from streaming_app.backend.streams.streamer_requests import StreamerGate, StreamingMode

DATABASE_FILE = "streaming.sqlite3"


@dataclass(frozen=True, slots=True)
class Backend:
    """The open adapters and services of a process."""

    settings: Settings
    new_limit: NewRateLimit
    captcha: Captcha
    store: Store
    bus: Bus
    ingest: Ingest
    packager: PackagerClient
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
    """Keeps the mails of a site in development; ``None`` on other sites."""
    api_tokens: ApiTokenService
    providers: ProviderServices
    channels: ChannelService
    profiles: ProfileService
    streams: StreamService
    live_administration: LiveAdministration
    streamer_approval: StreamerApproval
    refused_publishers: RefusedPublishers
    chat: MeasuredChatService
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
    reports: ReportService
    recorder: Recorder
    account_data: AccountDataServices


@asynccontextmanager
async def open_backend(settings: Settings, page_url: str = "") -> AsyncGenerator[Backend]:
    """Open the backend of a process; raises ``SetupError``.

    Without Kafka the process must also run the workers (``workers.runner.run_embedded``). Otherwise nobody archives
    chat messages, so the local bus refuses them. ``page_url`` is where ``reflex run`` serves the pages that mails link
    to, without a final slash.
    """
    check_processes(settings)
    async with (
        open_store(settings) as store,
        open_bus(settings, store.chat_archive, now) as bus,
        open_limits(settings) as new_limit,
        open_ingest(settings) as ingest,
        open_packager_client(settings) as packager,
    ):
        backend = _wire(settings, store, bus, ingest, packager, new_limit, page_url)
        yield backend
        await backend.mails.wait_until_sent()


def open_store(settings: Settings) -> AbstractAsyncContextManager[Store]:
    """Open only the store, and migrate it to the current schema; raises ``SetupError``."""
    if settings.mongo_url:
        return mongo.open_store(settings.mongo_url.get_secret_value())
    return sqlite.open_store(settings.data_dir / DATABASE_FILE)


def now() -> datetime:
    """Return the current time in UTC, cut to milliseconds, the precision of both stores."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def _wire(
    settings: Settings,
    store: Store,
    bus: Bus,
    ingest: Ingest,
    packager: HttpPackagerClient,
    new_limit: NewRateLimit,
    page_url: str,
) -> Backend:
    secrets = open_secrets(settings)
    keys = SealedStreamKeys(secrets.derive("stream-key-hash"), secrets.derive("stream-key-seal"))
    pictures = PillowPictures()
    limits = action_limits(new_limit)
    channel_limits = ChannelLimits(limits.changes, limits.new_keys)
    channels = ChannelService(store.channels, store.streams, keys, bus, now, channel_limits)
    account_services = wire_accounts(settings, store, bus, secrets, now, new_limit, page_url)
    needs_email = settings.require_confirmed_email
    gate = StreamerGate(StreamingMode(settings.streaming), store.streamer_requests, store.streams)
    streams = StreamService(
        store.users,
        store.channels,
        store.streams,
        keys,
        ingest,
        bus,
        now,
        StreamTimeouts(settings.reconnect_grace, settings.end_hold, settings.publisher_timeout),
        watch=ClockWatch(now, monotonic),
        needs_confirmed_email=needs_email,
        blocks=store.stream_blocks,
        gate=gate,
    )
    members = MembershipService(store.users, store.chat_settings)
    moderation_log = ModerationLogService(store.moderation_log, bus, now)
    mutations = ChatRoomMutations(store.chat_settings, bus, now)
    moderation = ModerationService(members, store.chat_archive, mutations, moderation_log, now)
    audit_log = account_services.audit_log
    live = LiveAdministration(store.users, store.channels, store.stream_blocks, streams, now, audit_log)
    chat_settings = ChatSettingsService(
        members, store.chat_archive, store.chat_settings, mutations, moderation_log, now
    )
    command_handler = CommandHandler(moderation, chat_settings, limits.moderations)
    quotas = RecordingLimits(settings.recording_retention, settings.recording_quota, settings.recording_reserve)
    data_dir = settings.data_dir.resolve()
    recordings, thumbnails, hidden = (data_dir / name for name in ("recordings", "thumbnails", "hidden"))
    storage = RecordingStorage(recordings, low_latency_dir_of(settings), thumbnails, hidden)
    return Backend(
        settings=settings,
        new_limit=new_limit,
        captcha=captcha_of(settings, new_limit),
        store=store,
        bus=bus,
        ingest=ingest,
        packager=packager,
        audit_log=audit_log,
        sign_in_priority=account_services.sign_in_priority,
        accounts=account_services.accounts,
        users=account_services.users,
        registration_gate=account_services.registration_gate,
        invitations=account_services.invitations,
        passwords=account_services.passwords,
        emails=account_services.emails,
        registration=account_services.registration,
        authenticators=account_services.authenticators,
        second_steps=account_services.second_steps,
        passkeys=account_services.passkeys,
        mails=account_services.mails,
        mailbox=account_services.mailbox,
        api_tokens=account_services.api_tokens,
        channels=channels,
        profiles=ProfileService(store.users, store.avatars, pictures, channels, limits.uploads, now),
        providers=account_services.providers,
        streams=streams,
        live_administration=live,
        reports=ReportService(
            store.reports,
            store.users,
            store.channels,
            store.chat_archive,
            moderation,
            account_services.users,
            live,
            account_services.mails,
            now,
            report_limit(new_limit),
            audit_log,
        ),
        streamer_approval=StreamerApproval(
            gate, store.users, store.channels, store.streamer_requests, streams, now, audit_log
        ),
        refused_publishers=RefusedPublishers(store.channels, bus, now, new_limit),
        chat=MeasuredChatService(
            members,
            store.chat_archive,
            store.chat_settings,
            store.held_messages,
            moderation_log,
            command_handler,
            new_limit("chat", settings.chat_burst, settings.chat_refill, "Slow down."),
            bus,
            now,
            settings.chat_max_length,
            needs_confirmed_email=needs_email,
        ),
        chat_archiver=ChatArchiver(store.chat_archive),
        follows=FollowService(store.users, store.channels, store.follows, now, limits.changes),
        moderation=moderation,
        chat_settings=chat_settings,
        command_handler=command_handler,
        undo_service=UndoService(members, store.chat_archive, store.chat_settings, mutations, moderation_log, now),
        held_messages=HeldMessageService(members, store.held_messages, mutations, moderation_log, bus, now),
        moderation_dashboard=ModerationDashboardQuery(
            members, store.chat_settings, store.held_messages, store.emotes, moderation_log, now
        ),
        emotes=EmoteService(members, store.channels, store.emotes, pictures, limits.uploads, moderation_log, bus, now),
        audience=Audience(monotonic),
        viewer_key=secrets.derive("viewer"),
        recordings=RecordingService(store.recordings, store.users, store.channels, store.streams, quotas, audit_log),
        recorder=Recorder(store.recordings, streams, packager, storage, quotas, now, monotonic),
        account_data=wire_account_data(
            store,
            DiskAccountFiles(settings),
            storage,
            account_services.accounts.sessions,
            streams,
            account_services.mails,
            audit_log,
            bus,
            now,
            monotonic,
            new_limit,
            settings.account_deletion_delay,
        ),
    )
