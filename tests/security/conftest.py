"""A site with a victim and a stranger, for attacks on events and routes."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.api.app import create_api
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.state import services
from tests.rig.password_hashing import with_quick_hashes
from tests.security.victim import PASSWORD, Victim, create_victim

ORIGIN = "http://site.test"


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    settings = with_quick_hashes(Settings(data_dir=tmp_path / "data", supervise=frozenset()))
    async with open_backend(settings) as backend:
        with services.using(backend):
            async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"):
                yield backend


@pytest.fixture
def store_file(backend: Backend) -> Path:
    """Path of the open backend's database."""
    [file] = backend.settings.data_dir.glob("*.sqlite3")
    return file


@pytest.fixture
async def victim(backend: Backend) -> Victim:
    troll = await backend.accounts.register(Registration("Carol", "carol@example.com", PASSWORD), "192.0.2.3")
    return await create_victim(backend, troll)


@pytest.fixture
async def stranger(backend: Backend) -> User:
    """A signed-in user with a channel of his own, who has no rights in others."""
    bob = await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.2")
    await backend.channels.get_or_create(bob)
    return bob


@pytest.fixture
def api(backend: Backend) -> FastAPI:
    api = create_api()
    api.state.backend = backend
    return api


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


async def token_of(backend: Backend, user: User) -> str:
    """Return the cookie of a new session of ``user``."""
    return (await backend.accounts.sessions.redeem(await backend.accounts.sessions.issue_ticket(user))).token
