"""The accounts of ``benchmarks.auth``: people who sign in, and people who write in a chat."""

from dataclasses import dataclass
from uuid import uuid4

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.cookies import KNOWN_ACCOUNTS_COOKIE, VIEWER_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.adapters.passwords import BcryptPasswords
from streaming_app.backend.bootstrap import now, open_backend
from streaming_app.backend.config import Settings
from tests.rig.ports import HOST

WRITERS = 20


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who signs in."""

    username: str
    address: str
    cookies: str
    """The cookies of a browser that is known to the account; empty for a new browser."""


@dataclass(frozen=True, slots=True)
class People:
    """All accounts of the benchmark."""

    channel_id: str
    tokens: list[str]
    """API tokens of the users who write in the channel's chat."""
    guests: list[Guest]
    """Alternately with a known browser and with a new one. Each signs in once."""
    password: str


async def add_people(settings: Settings, guest_count: int) -> People:
    """Add all accounts to the store of a site that is not running."""
    password = uuid4().hex
    async with open_backend(settings) as backend:
        password_hash = await BcryptPasswords(settings.password_hash_cost, backend.sign_in_priority).hash(
            password, HOST
        )

        async def add() -> User:
            unique = uuid4().hex
            user = User(unique, f"u{unique[:20]}", f"{unique}@example.com", password_hash, now())
            await backend.store.users.add(user)
            return user

        guests: list[Guest] = []
        for number in range(guest_count):
            user = await add()
            viewer = f"{VIEWER_COOKIE}={uuid4().hex}"
            mark = backend.accounts.known_browser_cookie(user, viewer)
            cookies = "" if number % 2 else f"{viewer}; {KNOWN_ACCOUNTS_COOKIE}={mark}"
            guests.append(Guest(user.username, f"100.64.{number // 250}.{number % 250}", cookies))
        channel = await backend.channels.get_or_create(await add())
        form = NewToken("benchmark", (TokenScope.CHAT_WRITE,), "7")
        tokens = [await backend.api_tokens.create((await add()).user_id, form) for _ in range(WRITERS)]
    return People(channel.channel_id, tokens, guests, password)
