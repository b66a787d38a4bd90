"""API tokens of users."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from streaming_app.backend.accounts.api_tokens import PREFIX, TOKENS_MAX, ApiTokenService, NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError, NotSignedInError
from tests.rig.audit import audit_log_of
from tests.unit.accounts.clock import Clock

NOW = datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", NOW)


def bot(name: str = "bot", *scopes: str, lifetime: str = "30") -> NewToken:
    return NewToken(name, scopes or ("chat:write",), lifetime)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        await store.users.add(ANN)
        yield store


@pytest.fixture
def tokens(store: SqliteStore, clock: Clock) -> ApiTokenService:
    return ApiTokenService(store.users, store.api_tokens, clock, audit_log_of(store, clock))


async def test_a_token_identifies_its_owner_until_it_is_revoked(tokens: ApiTokenService) -> None:
    secret = await tokens.create("u-ann", bot(" quiz  bot "))
    [token] = await tokens.list_by_user("u-ann")
    assert await tokens.verify(secret) == (ANN, token)
    assert (token.name, token.created_at) == ("quiz bot", NOW)

    await tokens.revoke("u-ann", token.token_id)

    with pytest.raises(NotSignedInError):
        await tokens.verify(secret)


async def test_the_secret_of_a_token_is_not_stored(tokens: ApiTokenService) -> None:
    secret = await tokens.create("u-ann", bot())

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
        await tokens.create("u-ann", bot(name))


async def test_the_number_of_tokens_is_limited(tokens: ApiTokenService) -> None:
    for number in range(TOKENS_MAX):
        await tokens.create("u-ann", bot(f"bot {number}"))

    with pytest.raises(ConflictError, match="You have 10 tokens already"):
        await tokens.create("u-ann", bot("one more"))


async def test_a_token_has_the_scopes_that_were_chosen(tokens: ApiTokenService) -> None:
    await tokens.create("u-ann", bot("bot", "follows:write", "chat:write", "chat:write"))

    [token] = await tokens.list_by_user("u-ann")
    assert token.scopes == ("follows:write", "chat:write")


async def test_every_wrong_field_of_the_form_is_named(tokens: ApiTokenService) -> None:
    with pytest.raises(InvalidError) as refused:
        await tokens.create("u-ann", NewToken("", (), "forever"))

    assert set(refused.value.fields) == {"name", "scopes", "lifetime"}
    with pytest.raises(InvalidError, match="does not exist"):
        await tokens.create("u-ann", bot("bot", "chat:write", "everything"))


@pytest.mark.parametrize(
    ("lifetime", "left"), [("7", timedelta(days=7)), ("365", timedelta(days=365)), ("never", None)]
)
async def test_a_token_expires_after_its_lifetime(
    tokens: ApiTokenService, clock: Clock, lifetime: str, left: timedelta | None
) -> None:
    secret = await tokens.create("u-ann", bot(lifetime=lifetime))
    clock.now += left or timedelta(days=9999)

    if left is None:
        await tokens.verify(secret)
    else:
        with pytest.raises(NotSignedInError, match="expired"):
            await tokens.verify(secret)
        clock.now -= timedelta(milliseconds=1)
        await tokens.verify(secret)


async def test_the_last_use_is_recorded_every_few_minutes(tokens: ApiTokenService, clock: Clock) -> None:
    secret = await tokens.create("u-ann", bot())
    seen: list[datetime | None] = []

    for minutes in (0, 2, 3):
        clock.now += timedelta(minutes=minutes)
        await tokens.verify(secret)
        seen.append((await tokens.list_by_user("u-ann"))[0].last_used_at)

    assert seen == [NOW, NOW, NOW + timedelta(minutes=5)]


async def test_the_token_of_a_banned_user_is_refused(tokens: ApiTokenService, store: SqliteStore) -> None:
    secret = await tokens.create("u-ann", bot())
    await store.users.set_banned("u-ann", banned=True)

    with pytest.raises(ForbiddenError):
        await tokens.verify(secret)
