"""The service locator of the state classes. A lifespan task sets it when it opens the backend."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from streaming_app.backend.account_data.services import AccountDataServices
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
from streaming_app.backend.chat.channel_follows import FollowService
from streaming_app.backend.chat.chat_settings import ChatSettingsService
from streaming_app.backend.chat.command_handler import CommandHandler
from streaming_app.backend.chat.emotes import EmoteService
from streaming_app.backend.chat.held_message_review import HeldMessageService
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.moderation_dashboard import ModerationDashboardQuery
from streaming_app.backend.chat.service import ChatService
from streaming_app.backend.chat.undo import UndoService
from streaming_app.backend.config import Settings
from streaming_app.backend.media.ports import PackagerClient
from streaming_app.backend.media.recordings.service import RecordingService
from streaming_app.backend.reports.service import ReportService
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.channel_service import ChannelService
from streaming_app.backend.streams.live_administration import LiveAdministration
from streaming_app.backend.streams.profiles import ProfileService
from streaming_app.backend.streams.refused_publishers import RefusedPublishers
from streaming_app.backend.streams.service import StreamService
from streaming_app.backend.streams.streamer_approval import StreamerApproval


class Services(Protocol):
    """The services that state classes use. ``Backend`` implements this protocol."""

    @property
    def settings(self) -> Settings: ...
    @property
    def captcha(self) -> Captcha: ...
    @property
    def sign_in_priority(self) -> SignInPriority: ...
    @property
    def accounts(self) -> AccountService: ...
    @property
    def audit_log(self) -> AuditLog: ...
    @property
    def users(self) -> UserAdministration: ...
    @property
    def registration_gate(self) -> RegistrationGate: ...
    @property
    def invitations(self) -> InvitationService: ...
    @property
    def reports(self) -> ReportService: ...
    @property
    def live_administration(self) -> LiveAdministration: ...
    @property
    def streamer_approval(self) -> StreamerApproval: ...
    @property
    def passwords(self) -> PasswordService: ...
    @property
    def emails(self) -> EmailService: ...
    @property
    def registration(self) -> MailRegistration: ...
    @property
    def mails(self) -> AccountMails: ...
    @property
    def authenticators(self) -> AuthenticatorService: ...
    @property
    def second_steps(self) -> SecondStepService: ...
    @property
    def passkeys(self) -> PasskeyService: ...
    @property
    def providers(self) -> ProviderServices: ...
    @property
    def api_tokens(self) -> ApiTokenService: ...
    @property
    def channels(self) -> ChannelService: ...
    @property
    def profiles(self) -> ProfileService: ...
    @property
    def streams(self) -> StreamService: ...
    @property
    def refused_publishers(self) -> RefusedPublishers: ...
    @property
    def chat(self) -> ChatService: ...
    @property
    def follows(self) -> FollowService: ...
    @property
    def moderation(self) -> ModerationService: ...
    @property
    def chat_settings(self) -> ChatSettingsService: ...
    @property
    def command_handler(self) -> CommandHandler: ...
    @property
    def undo_service(self) -> UndoService: ...
    @property
    def held_messages(self) -> HeldMessageService: ...
    @property
    def moderation_dashboard(self) -> ModerationDashboardQuery: ...
    @property
    def emotes(self) -> EmoteService: ...
    @property
    def audience(self) -> Audience: ...
    @property
    def recordings(self) -> RecordingService: ...
    @property
    def account_data(self) -> AccountDataServices: ...
    @property
    def packager(self) -> PackagerClient: ...


_open: list[Services] = []


@contextmanager
def using(services: Services) -> Generator[None]:
    """Make ``current`` return ``services`` while the context is open."""
    use(services)
    try:
        yield
    finally:
        _open.clear()


def use(services: Services) -> None:
    """Make ``current`` return ``services`` from now on."""
    _open[:] = [services]


def current() -> Services:
    """Return the services of this process; raises ``IndexError`` before the backend is open."""
    return _open[0]
