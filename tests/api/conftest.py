"""The real API on real services and a SQLite store. Requests go through ASGI, without a socket."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.cookies import SESSION_COOKIE
from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.app import create_api
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.config import Settings

HOST = "site.test"
ORIGIN = f"http://{HOST}"


@dataclass
class Browser:
    """A client that keeps cookies and sends the origin of its page, as browsers do."""

    client: httpx.AsyncClient
    backend: Backend

    async def sign_in(self, user: User) -> httpx.Response:
        """Redeem a new sign-in ticket of ``user``."""
        ticket = await self.backend.accounts.sessions.issue_ticket(user)
        return await self.client.post("/api/auth/session", json={"ticket": ticket})

    @property
    def token(self) -> str:
        """Return the session cookie."""
        return self.client.cookies.get(SESSION_COOKIE) or ""

    @token.setter
    def token(self, token: str) -> None:
        self.client.cookies.clear()
        self.client.cookies.set(SESSION_COOKIE, token, domain=HOST)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", supervise=frozenset())


@pytest.fixture
async def backend(settings: Settings) -> AsyncIterator[Backend]:
    async with open_backend(settings) as backend:
        yield backend


@pytest.fixture
def api(backend: Backend) -> FastAPI:
    api = create_api()
    api.state.backend = backend
    return api


@pytest.fixture
async def browser(api: FastAPI, backend: Backend) -> AsyncIterator[Browser]:
    transport = httpx.ASGITransport(api, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as client:
        yield Browser(client, backend)


@pytest.fixture
def store_file(settings: Settings, backend: Backend) -> Path:
    """Path of the open backend's database."""
    [file] = settings.data_dir.glob("*.sqlite3")
    return file


@pytest.fixture
async def ana(backend: Backend) -> User:
    """A user without a password, because hashing one would take longer than the test."""
    user = User("user-ana", "Ana", "ana@example.com", "no hash", datetime.now(UTC))
    await backend.store.users.add(user)
    return user


def error_of(answer: httpx.Response) -> dict[str, object]:
    """Check the format that all errors have, and return the error."""
    body: dict[str, dict[str, object]] = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "fields"}
    return body["error"]
