"""API tokens of users."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from streaming_app.backend.accounts.api_tokens import PREFIX, TOKENS_MAX, ApiTokenService
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.sqlite import open_store
from streaming_app.backend.errors import ConflictError, InvalidError, NotSignedInError
from tests.rig.audit import audit_log_of

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", NOW)


@pytest.fixture
async def tokens() -> AsyncIterator[ApiTokenService]:
    async with open_store(":memory:") as store:
        await store.users.add(ANN)
        yield ApiTokenService(store.users, store.api_tokens, lambda: NOW, audit_log_of(store, lambda: NOW))


async def test_a_token_identifies_its_owner_until_it_is_revoked(tokens: ApiTokenService) -> None:
    secret = await tokens.create("u-ann", " quiz  bot ")
    [token] = await tokens.list_by_user("u-ann")
    assert (await tokens.verify(secret), token.name, token.created_at) == (ANN, "quiz bot", NOW)

    await tokens.revoke("u-ann", token.token_id)

    with pytest.raises(NotSignedInError):
        await tokens.verify(secret)


async def test_the_secret_of_a_token_is_not_stored(tokens: ApiTokenService) -> None:
    secret = await tokens.create("u-ann", "bot")

    assert secret.startswith(PREFIX)
    assert secret.removeprefix(PREFIX) not in str(await tokens.list_by_user("u-ann"))


@pytest.mark.parametrize("secret", ["", "sat_", "nonsense", "\ud800"])
async def test_an_invalid_token_identifies_nobody(tokens: ApiTokenService, secret: str) -> None:
    with pytest.raises(NotSignedInError):
        await tokens.verify(secret)


@pytest.mark.parametrize(
    ("name", "words"), [(" ", "Enter a name"), ("x" * 41, "40 characters or fewer. You entered 41")]
)
async def test_a_token_needs_a_name(tokens: ApiTokenService, name: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words):
        await tokens.create("u-ann", name)


async def test_the_number_of_tokens_is_limited(tokens: ApiTokenService) -> None:
    for number in range(TOKENS_MAX):
        await tokens.create("u-ann", f"bot {number}")

    with pytest.raises(ConflictError, match="You have 10 tokens already"):
        await tokens.create("u-ann", "one more")
