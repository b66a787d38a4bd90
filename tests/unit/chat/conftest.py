"""The chat of a channel on a SQLite store and the local bus, with a clock that only the test moves."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.chat.archiver import ChatArchiver
from streaming_app.backend.chat.hub import ChatHub
from streaming_app.backend.chat.model import Chatter, Role
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.events import CHAT_TOPIC
from tests.rig.chat_room import CHANNEL, ROLES, START, Room, id_of
from tests.unit.chat.subscribers import make_hub


@pytest.fixture
async def archive() -> AsyncIterator[ChatArchive]:
    """The chat archive of an empty store."""
    async with open_store(":memory:") as store:
        yield store.chat_archive


@pytest.fixture
async def hub(archive: ChatArchive) -> ChatHub:
    return make_hub(archive)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with open_store(":memory:") as store:
        room = Room(store)
        for name in (*ROLES, "Olga", "Sid"):
            user = User(id_of(name), name, f"{name}@example.com", "hash", START - timedelta(days=30))
            await store.users.add(user)
        await store.users.set_role("u-sid", SiteRole.ADMIN, expected=SiteRole.USER)
        await store.channels.add(CHANNEL)
        for name, role in ROLES.items():
            if role is Role.MODERATOR:
                await store.chat_settings.add_moderator("c1", Chatter(id_of(name), name))
        async with (
            room.bus.subscribe([CHAT_TOPIC], ChatArchiver(store.chat_archive).handle, group="chat-archiver"),
            room.bus.subscribe([CHAT_TOPIC], room.heard),
        ):
            yield room
