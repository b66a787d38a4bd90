"""The channels and users of the site, created by its own services before it starts."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from benchmarks.channels import Publishing, add_channel
from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.streams.model import Latency


@dataclass(frozen=True, slots=True)
class Person:
    """A user with an API token."""

    user: User
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """Return the header that authenticates requests."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel, its owner, who moderates it, and its writers."""

    publishing: Publishing
    is_recorded: bool
    owner: Person
    writers: list[Person]

    @property
    def channel_id(self) -> str:
        """Return the id of the channel."""
        return self.publishing.channel_id

    @property
    def messages_path(self) -> str:
        """Return the path of its chat in the API."""
        return f"/api/v1/channels/{self.publishing.slug}/messages"


async def add_channels(backend: Backend, count: int, recorded: int, writers: int) -> list[Channel]:
    """Create the channels, ``recorded`` of which are recorded, each with ``writers`` users who write in its chat."""
    channels: list[Channel] = []
    for number in range(count):
        publishing = await add_channel(backend, f"chaos{number}", Latency.REALTIME)
        owner = await backend.store.users.get((await backend.channels.get(publishing.channel_id)).owner_id)
        await backend.channels.set_records(owner.user_id, records=number < recorded)
        people = [await add_person(backend) for _ in range(writers)]
        channels.append(Channel(publishing, number < recorded, await _with_token(backend, owner), people))
    return channels


async def add_person(backend: Backend) -> Person:
    """Create a user."""
    unique = uuid4().hex
    user = User(unique, f"user{unique[:16]}", f"{unique}@example.com", "no password", datetime.now(UTC))
    await backend.store.users.add(user)
    return await _with_token(backend, user)


async def _with_token(backend: Backend, user: User) -> Person:
    scopes = (TokenScope.CHAT_WRITE, TokenScope.CHAT_MODERATE)
    return Person(user, await backend.api_tokens.create(user.user_id, NewToken("chaos", scopes, "365")))
