"""The repositories of the site, whichever database contains them."""

from dataclasses import dataclass

from streaming_app.backend.account_data.ports import AccountDeletions, AccountRecords
from streaming_app.backend.accounts.audit_log import AuditEntries
from streaming_app.backend.accounts.authenticator_app import AuthenticatorApps
from streaming_app.backend.accounts.avatars import Avatars
from streaming_app.backend.accounts.invitations import Invitations
from streaming_app.backend.accounts.mail_links import MailLinks
from streaming_app.backend.accounts.passkeys import Passkeys
from streaming_app.backend.accounts.ports import ApiTokens, Sessions, Tickets, Users
from streaming_app.backend.accounts.providers.ports import Identities, PendingIdentities, SignInAttempts
from streaming_app.backend.accounts.sign_in_methods import SignInMethods
from streaming_app.backend.chat.ports import (
    ChatArchive,
    ChatSettingsRepository,
    Emotes,
    Follows,
    HeldMessages,
    ModerationLog,
)
from streaming_app.backend.media.recordings.ports import Recordings
from streaming_app.backend.reports.model import Reports
from streaming_app.backend.retention import OldRecords
from streaming_app.backend.streams.ports import Channels, Streams
from streaming_app.backend.streams.stream_blocks import StreamBlocks
from streaming_app.backend.streams.streamer_requests import StreamerRequests


@dataclass(frozen=True, slots=True)
class Store:
    """All repositories, in one database."""

    users: Users
    sessions: Sessions
    tickets: Tickets
    mail_links: MailLinks
    avatars: Avatars
    api_tokens: ApiTokens
    audit_log: AuditEntries
    invitations: Invitations
    authenticator_apps: AuthenticatorApps
    passkeys: Passkeys
    identities: Identities
    sign_in_methods: SignInMethods
    sign_in_attempts: SignInAttempts
    pending_identities: PendingIdentities
    channels: Channels
    streams: Streams
    stream_blocks: StreamBlocks
    streamer_requests: StreamerRequests
    chat_archive: ChatArchive
    chat_settings: ChatSettingsRepository
    follows: Follows
    moderation_log: ModerationLog
    held_messages: HeldMessages
    emotes: Emotes
    recordings: Recordings
    reports: Reports
    account_deletions: AccountDeletions
    account_records: AccountRecords
    old_records: OldRecords
