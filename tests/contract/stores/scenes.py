"""Chats for tests that interrupt use cases."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.chat.archiver import ChatArchiver
from streaming_app.backend.chat.model import ChatRules, Chatter, ModerationAction, ModerationLogEntry
from streaming_app.backend.chat.service import SentMessage
from streaming_app.backend.events import CHAT_TOPIC
from tests.rig.chat_room import CHANNEL, START, Room, id_of
from tests.rig.faults import Faults


@dataclass
class Scene:
    """The chat of a channel, and the messages that were posted in it."""

    room: Room
    ids: dict[str, str] = field(default_factory=dict[str, str])
    """Ids of the messages, by text."""

    async def post(self, name: str, line: str, about: str = "") -> None:
        """Post a message or a command, optionally as a reply to the message with the text ``about``."""
        result = await self.room.post(name, line, self.ids.get(about, ""))
        if isinstance(result, SentMessage):
            self.ids[line] = result.message_id
        self.room.now += timedelta(minutes=1)

    async def is_shown(self, text: str) -> bool:
        return text in await self.room.texts()

    async def is_banned(self, name: str) -> bool:
        ban = (await self.room.store.chat_settings.membership_status(self.room.channel_id, id_of(name))).ban
        return bool(ban and ban.is_active(self.room.now))

    async def is_moderator(self, name: str) -> bool:
        return (await self.room.store.chat_settings.membership_status(self.room.channel_id, id_of(name))).is_moderator

    async def pinned(self) -> str:
        pinned = await self.room.store.chat_settings.pinned(self.room.channel_id)
        return pinned.text if pinned else ""

    async def rules(self) -> ChatRules:
        return (await self.room.store.chat_settings.rules_and_pinned(self.room.channel_id))[0]

    async def entries(self, action: ModerationAction, by: str = "Max") -> list[ModerationLogEntry]:
        log = await self.room.store.moderation_log.newest(self.room.channel_id, 100)
        return [entry for entry in log if entry.action is action and entry.by == by]

    async def held(self) -> list[str]:
        return [message.text for message in await self.room.store.held_messages.waiting(self.room.channel_id, 9)]

    def restart(self) -> None:
        """Restart the process."""
        self.room.start()


NewScene = Callable[[Faults], Awaitable[Scene]]


@asynccontextmanager
async def scenes(store: Store) -> AsyncGenerator[NewScene]:
    """Yield a function that creates chats. Ann and Eve are viewers, Max and Mia are moderators, and Sid is an admin."""
    numbers = count()
    for name in ("Ann", "Eve", "Max", "Mia", "Sid"):
        await store.users.add(_user(name))
    await store.users.set_role("u-sid", SiteRole.ADMIN, expected=SiteRole.USER)

    async with AsyncExitStack() as stack:

        async def make(faults: Faults) -> Scene:
            owner = f"Olga{next(numbers)}"
            await store.users.add(_user(owner))
            channel = replace(CHANNEL, channel_id=f"c-{owner}", owner_id=id_of(owner), slug=owner, key_hash=owner)
            await store.channels.add(channel)
            for name in ("Max", "Mia"):
                await store.chat_settings.add_moderator(channel.channel_id, Chatter(id_of(name), name))
            room = Room(store, channel.channel_id, faults=faults)
            chat_archiver = ChatArchiver(store.chat_archive)
            await stack.enter_async_context(
                room.bus.subscribe([CHAT_TOPIC], chat_archiver.handle, group="chat-archiver")
            )
            return Scene(room)

        yield make


def _user(name: str) -> User:
    return User(id_of(name), name, f"{name}@example.com", "hash", START - timedelta(days=30))
