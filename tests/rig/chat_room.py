"""The chat of a channel on a real store and the local bus, with a clock that only the test moves."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.chat.chat_settings import ChatSettingsService
from streaming_app.backend.chat.command_handler import CommandHandler
from streaming_app.backend.chat.held_message_review import HeldMessageService
from streaming_app.backend.chat.members import MembershipService
from streaming_app.backend.chat.model import ChatRules, ModerationLogEntry, Role
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.moderation_dashboard import ModerationDashboard, ModerationDashboardQuery
from streaming_app.backend.chat.moderation_log import ModerationLogService
from streaming_app.backend.chat.room_mutations import ChatRoomMutations
from streaming_app.backend.chat.service import ChatService, CommandResult, HeldForReview, SentMessage
from streaming_app.backend.chat.undo import UndoService
from streaming_app.backend.errors import BusUnavailableError
from streaming_app.backend.events import Event
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.streams.model import Channel
from tests.rig.event_recorder import EventRecorder
from tests.rig.faults import Faults
from tests.rig.limits import unlimited

START = datetime(2026, 11, 24, 12, 30, 15, 123_000, tzinfo=UTC)
CHANNEL = Channel("c1", "u-olga", "olga", "Olga", "Olga's stream", "", "key", b"sealed", START)
ROLES = {"Ann": Role.VIEWER, "Eve": Role.VIEWER, "Max": Role.MODERATOR, "Mia": Role.MODERATOR}
"""Roles in ``CHANNEL``. Olga is its owner, and Sid is an admin of the site."""


def id_of(name: str) -> str:
    return f"u-{name.lower()}"


@dataclass
class Room:
    """The chat of a channel, with all its services."""

    store: Store
    channel_id: str = CHANNEL.channel_id
    now: datetime = START
    heard: EventRecorder = field(default_factory=EventRecorder)
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.bus = LocalBus(lambda: self.now)
        self.start()

    def start(self) -> None:
        """Create the services, as a starting process does."""

        def clock() -> datetime:
            return self.now

        store, bus = self.faults.around(self.store), self.faults.around(self.bus, BusUnavailableError)
        members = MembershipService(store.users, store.chat_settings)
        moderation_log = ModerationLogService(store.moderation_log, bus, clock)
        mutations = ChatRoomMutations(store.chat_settings, bus, clock)
        self.moderation = ModerationService(members, store.chat_archive, mutations, moderation_log, clock)
        self.chat_settings = ChatSettingsService(
            members, store.chat_archive, store.chat_settings, mutations, moderation_log, clock
        )
        self.undo_service = UndoService(
            members, store.chat_archive, store.chat_settings, mutations, moderation_log, clock
        )
        self.held_messages = HeldMessageService(members, store.held_messages, mutations, moderation_log, bus, clock)
        self.moderation_dashboard = ModerationDashboardQuery(
            members, store.chat_settings, store.held_messages, store.emotes, moderation_log, clock
        )
        self.command_handler = CommandHandler(self.moderation, self.chat_settings, unlimited())
        limit = RateLimit(50, timedelta(seconds=1), lambda: clock().timestamp(), "Slow down.")
        self.chat = ChatService(
            *(
                members,
                store.chat_archive,
                store.chat_settings,
                store.held_messages,
                moderation_log,
                self.command_handler,
            ),
            *(limit, bus, clock),
            max_length=400,
        )

    async def post(
        self, name: str, text: str, reply_to: str = "", client_id: str = ""
    ) -> SentMessage | HeldForReview | CommandResult:
        """Post a message or command as ``name``, and return the service's result."""
        return await self.chat.post(self.channel_id, id_of(name), text, reply_to, client_id)

    async def say(self, name: str, text: str, reply_to: str = "", client_id: str = "") -> str:
        """Post a message, and return its id."""
        said = await self.post(name, text, reply_to, client_id)
        assert isinstance(said, SentMessage)
        return said.message_id

    async def run_command(self, name: str, command: str, reply_to: str = "") -> str:
        """Run a command as ``name``, and return the text of its result."""
        done = await self.post(name, command, reply_to)
        assert isinstance(done, CommandResult)
        return done.note

    async def texts(self) -> list[str]:
        """Return the texts of the messages that the archive shows."""
        return [message.text for message in await self.chat.recent(self.channel_id, 100)]

    async def dashboard(self, name: str = "Olga") -> ModerationDashboard:
        """Return the moderation dashboard as ``name`` sees it."""
        return await self.moderation_dashboard.read(self.channel_id, id_of(name), 100)

    async def log(self) -> list[ModerationLogEntry]:
        """Return the moderation log, newest entry first."""
        return (await self.dashboard()).log

    async def last_entry(self) -> ModerationLogEntry:
        """Return the newest entry of the log, and advance the clock so that the next entry is newer."""
        [entry, *_] = await self.log()
        return entry

    async def undo(self, name: str = "Olga", entry: ModerationLogEntry | None = None) -> ModerationLogEntry:
        """Undo ``entry``, by default the newest entry of the log."""
        entry = entry or await self.last_entry()
        return await self.undo_service.undo(self.channel_id, id_of(name), entry.entry_id)

    async def set_rules(self, **rules: object) -> None:
        """Set rules of the chat."""
        version = (await self.store.chat_settings.membership_status(self.channel_id, "u-olga")).rules_version
        assert await self.store.chat_settings.set_rules(self.channel_id, replace(ChatRules(), **rules), version)

    async def events(self, *kinds: type[Event]) -> list[Event]:
        """Return the events of these kinds that subscribers have received so far."""
        end = f"end {len(self.heard.deliveries)}"
        await self.say("Olga", end)
        await self.heard.until_received(end)
        return [delivery.event for delivery in self.heard.deliveries if isinstance(delivery.event, kinds)]
