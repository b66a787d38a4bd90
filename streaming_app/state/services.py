"""The one service locator of the states: filled by the lifespan task that opens the backend."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from streaming_app.backend.accounts.api_tokens import ApiTokenService
from streaming_app.backend.accounts.service import AccountService
from streaming_app.backend.chat.command_handler import CommandHandler
from streaming_app.backend.chat.emotes import EmoteService
from streaming_app.backend.chat.following import FollowService
from streaming_app.backend.chat.held_messages import HeldMessageService
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.moderation_dashboard import ModerationDashboardQuery
from streaming_app.backend.chat.service import ChatService
from streaming_app.backend.chat.undo import UndoService
from streaming_app.backend.config import Settings
from streaming_app.backend.media.recordings.service import RecordingService
from streaming_app.backend.streams.audience import Audience
from streaming_app.backend.streams.channels import ChannelService
from streaming_app.backend.streams.refused_publishers import RefusedPublishers
from streaming_app.backend.streams.service import StreamService


class Services(Protocol):
    """What the states ask. An open backend is one."""

    @property
    def settings(self) -> Settings: ...
    @property
    def accounts(self) -> AccountService: ...
    @property
    def api_tokens(self) -> ApiTokenService: ...
    @property
    def channels(self) -> ChannelService: ...
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


_open: list[Services] = []


@contextmanager
def using(services: Services) -> Generator[None]:
    """While the context is open, ``current`` answers these."""
    use(services)
    try:
        yield
    finally:
        _open.clear()


def use(services: Services) -> None:
    """From now on ``current`` answers these."""
    _open[:] = [services]


def current() -> Services:
    """The services of this process; raises ``IndexError`` before the server has opened them."""
    return _open[0]
