"""A backend for each test, with its feed on a free port."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend, now, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.events import CHAT_TOPIC, ChatMessageSent
from streaming_app.backend.feed.limits import Intervals
from streaming_app.backend.feed.server import open_feed
from streaming_app.backend.streams.audience import Audience
from tests.rig.nginx import feed_socket
from tests.rig.ports import free_port

QUICK = Intervals(tick=0.05, recount=0.2, refresh=0.1)


@dataclass(frozen=True)
class Site:
    """One web process with its feed."""

    backend: Backend
    port: int

    @property
    def socket(self) -> Path:
        """Return the path of the socket on which nginx connects to the feed."""
        return feed_socket(self.backend.settings)

    async def new_channel(self, name: str = "Ada") -> str:
        """Create a channel of a new user, and return its id."""
        unique = uuid4().hex
        owner = User(unique, f"{name}-{unique[:8]}", f"{unique}@example.com", "", now())
        return (await self.backend.channels.get_or_create(owner)).channel_id

    async def say(self, channel_id: str, *texts: str, name: str = "Ada") -> None:
        """Post ``texts`` one after another. They are durable when this returns."""
        for text in texts:
            await self.backend.bus.publish(
                ChatMessageSent(at=now(), channel_id=channel_id, user_id="u1", username=name, text=text)
            )


async def new_user(backend: Backend, name: str = "") -> User:
    """Register a user, by default with a unique name."""
    unique = uuid4().hex
    user = User(unique, name or unique, f"{name or unique}@example.com", "", now())
    await backend.store.users.add(user)
    return user


async def sign_in(backend: Backend, user: User) -> str:
    """Return the cookie of a new session of the user."""
    signed_in = await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(user))
    return f"{SESSION_COOKIE}={signed_in.token}"


NewSite = Callable[..., Awaitable[Site]]


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    settings = Settings.model_validate({"data_dir": tmp_path, "supervise": []})
    async with (
        open_backend(settings) as backend,
        backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"),
    ):
        yield backend


@asynccontextmanager
async def open_site(backend: Backend, intervals: Intervals = QUICK, **changes: object) -> AsyncGenerator[Site]:
    """Run a feed on the backend, as one more web process does, with changed settings if the test needs them."""
    values = {**backend.settings.model_dump(), "feed_port": free_port(), **changes}
    process = replace(backend, settings=Settings.model_validate(values), audience=Audience(monotonic))
    async with open_feed(process, intervals):
        yield Site(process, process.settings.feed_port)


@pytest.fixture
async def new_site(backend: Backend) -> AsyncIterator[NewSite]:
    """A factory of such sites, which run until the end of the test."""
    async with AsyncExitStack() as stack:

        async def new_site(intervals: Intervals = QUICK, **changes: object) -> Site:
            return await stack.enter_async_context(open_site(backend, intervals, **changes))

        yield new_site


@pytest.fixture
async def site(new_site: NewSite) -> Site:
    return await new_site()


@pytest.fixture
async def channel_id(site: Site) -> str:
    return await site.new_channel()
