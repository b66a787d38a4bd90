"""What the services and adapters count: operations of store and bus, chat messages, and sign-ins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.bootstrap import DATABASE_FILE, Backend, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import (
    BusUnavailableError,
    DomainError,
    NotFoundError,
    RateLimitedError,
    StoreUnavailableError,
)
from streaming_app.backend.events import CHAT_TOPIC
from tests.rig.broken_store import without_table
from tests.rig.metrics import Growth
from tests.rig.password_hashing import with_quick_hashes

PASSWORD = "a long password of a test"


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    values = {"data_dir": tmp_path, "supervise": [], "chat_burst": 2, "chat_refill": 60}
    async with open_backend(with_quick_hashes(Settings.model_validate(values))) as backend:
        yield backend


@pytest.fixture
async def user(backend: Backend) -> User:
    return await backend.accounts.register(Registration("ada", "ada@example.com", PASSWORD), "127.0.0.1")


async def test_operations_of_the_store_are_measured(backend: Backend, user: User) -> None:
    growth = Growth()

    await backend.store.users.get(user.user_id)
    with pytest.raises(NotFoundError):
        await backend.store.users.get("nobody")

    assert growth.of("store_operation_seconds_count", operation="users.get") == 2
    assert growth.of("store_outages_total") == 0


async def test_outages_of_the_store_are_counted(backend: Backend, user: User, tmp_path: Path) -> None:
    growth = Growth()

    with without_table(tmp_path / DATABASE_FILE), pytest.raises(StoreUnavailableError):
        await backend.store.users.get(user.user_id)

    assert growth.of("store_outages_total") == 1


async def test_chat_messages_are_counted_by_result(backend: Backend, user: User) -> None:
    channel_id = (await backend.channels.get_or_create(user)).channel_id
    growth = Growth()

    with pytest.raises(BusUnavailableError):  # nobody archives it
        await backend.chat.post(channel_id, user.user_id, "hello")
    async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"):
        await backend.chat.post(channel_id, user.user_id, "hello")
        with pytest.raises(DomainError):
            await backend.chat.post(channel_id, user.user_id, " ")
        with pytest.raises(RateLimitedError):
            await backend.chat.post(channel_id, user.user_id, "more")

    counted = {result: growth.of("chat_posts_total", result=result) for result in ("sent", "refused", "rate_limited")}
    assert counted == {"sent": 1, "refused": 1, "rate_limited": 1}
    assert growth.of("chat_posts_total", result="failed") == 1
    assert growth.of("bus_outages_total") == 1
    assert growth.of("bus_operation_seconds_count", operation="publish") >= 2
    assert growth.of("bus_operation_seconds_count", operation="handle") >= 1


async def test_sign_ins_are_counted_by_result(backend: Backend, user: User) -> None:
    growth = Growth()

    ticket = await backend.accounts.sign_in(user.username, PASSWORD, "127.0.0.2")
    await backend.accounts.sessions.redeem(ticket)
    results: list[type[DomainError]] = []
    while RateLimitedError not in results:
        with pytest.raises(DomainError) as refused:
            await backend.accounts.sign_in(user.username, "wrong", "127.0.0.2")
        results.append(refused.type)

    assert growth.of("sign_ins_total", result="signed_in") == 1
    assert growth.of("sign_ins_total", result="failed") == len(results) - 1
    assert growth.of("sign_ins_total", result="blocked") == 1
