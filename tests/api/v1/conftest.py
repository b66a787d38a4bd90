"""Clients of the public API: programs with and without a token, on the real API and a SQLite store."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.streams.model import Channel, Publisher, Stream
from tests.api.conftest import ORIGIN

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
PROBLEM_JSON = "application/problem+json"

NewProgram = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def program(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program without a token."""
    async with _client(api) as client:
        yield client


@pytest.fixture
async def new_program(api: FastAPI, backend: Backend) -> NewProgram:
    """A factory of programs with a token of a user, by default with all scopes."""

    async def with_token(user: User, *scopes: str) -> httpx.AsyncClient:
        secret = await backend.api_tokens.create(user.user_id, NewToken("test", scopes or tuple(TokenScope), "7"))
        client = _client(api)
        client.headers["authorization"] = f"Bearer {secret}"
        return client

    return with_token


@pytest.fixture
async def bob(backend: Backend) -> User:
    user = User("user-bob", "Bob", "bob@example.com", "no hash", datetime.now(UTC))
    await backend.store.users.add(user)
    return user


@pytest.fixture
async def channel(backend: Backend, ana: User) -> Channel:
    """Ana's channel."""
    return await backend.channels.get_or_create(ana)


@pytest.fixture
async def archived_chat(backend: Backend) -> AsyncIterator[None]:
    """Archive the messages that are posted."""
    async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"):
        yield


async def add_stream(backend: Backend, channel: Channel, number: int, *, is_live: bool = False) -> Stream:
    """Add a stream of ``channel`` that began ``number`` minutes after ``NOW``."""
    started_at = NOW + timedelta(minutes=number)
    stream = Stream(
        stream_id=f"s-{channel.slug}-{number}",
        channel_id=channel.channel_id,
        started_at=started_at,
        title=f"stream {number}",
        category="",
        publisher=Publisher("1", "192.0.2.1", "OBS"),
        seen_at=started_at,
        ended_at=None if is_live else started_at + timedelta(seconds=30),
    )
    await backend.store.streams.add(stream)
    return stream


async def add_recording(backend: Backend, channel: Channel, number: int) -> Recording:
    """Add the finished recording of ``add_stream``'s stream."""
    started_at = NOW + timedelta(minutes=number)
    recording = Recording(
        recording_id=f"s-{channel.slug}-{number}",
        channel_id=channel.channel_id,
        title=f"stream {number}",
        category="",
        started_at=started_at,
        seconds=30.0,
        size=1000,
        ended_at=started_at + timedelta(seconds=30),
    )
    await backend.store.recordings.add(recording)
    return recording


def problem_of(answer: httpx.Response) -> dict[str, object]:
    """Check the shape of an error, and return it."""
    problem: dict[str, object] = answer.json()
    assert answer.headers["content-type"] == PROBLEM_JSON
    assert set(problem) == {"type", "title", "status", "detail", "instance", "code", "errors"}
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/developers#{problem['code']}"
    return problem


def _client(api: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(api, raise_app_exceptions=False), base_url=ORIGIN)
