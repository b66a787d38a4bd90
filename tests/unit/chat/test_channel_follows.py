"""Following channels: permissions and counts."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.chat.channel_follows import FollowService
from streaming_app.backend.errors import DomainError, ForbiddenError, NotFoundError
from streaming_app.backend.streams.model import Channel
from tests.rig.limits import unlimited

NOW = datetime(2026, 11, 24, 12, 30, 15, 123_000, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", NOW)
BOB = User("u-bob", "Bob", "bob@example.com", "hash", NOW)
BOBS_CHANNEL = Channel("c-bob", "u-bob", "bob", "Bob", "Bob's stream", "", "key", b"sealed", NOW)


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    async with open_store(":memory:") as store:
        for user in (ANN, BOB):
            await store.users.add(user)
        await store.channels.add(BOBS_CHANNEL)
        yield store


@pytest.fixture
def follows(store: SqliteStore) -> FollowService:
    return FollowService(store.users, store.channels, store.follows, lambda: NOW, unlimited())


async def test_following_twice_counts_once(follows: FollowService, store: SqliteStore) -> None:
    await follows.follow("c-bob", "u-ann")
    await follows.follow("c-bob", "u-ann")

    assert (await follows.following("c-bob", "u-ann")).is_following
    assert (await follows.following("c-bob", "")).followers == 1
    assert (await store.chat_settings.membership_status("c-bob", "u-ann")).followed_at == NOW


async def test_unfollowing_reduces_the_count(follows: FollowService) -> None:
    await follows.follow("c-bob", "u-ann")

    await follows.unfollow("c-bob", "u-ann")
    await follows.unfollow("c-bob", "u-ann")

    assert not (await follows.following("c-bob", "u-ann")).is_following
    assert (await follows.following("c-bob", "")).followers == 0


async def test_a_user_banned_from_the_site_may_only_unfollow(follows: FollowService, store: SqliteStore) -> None:
    await store.users.set_banned("u-ann", banned=True)
    with pytest.raises(ForbiddenError) as refused:
        await follows.follow("c-bob", "u-ann")
    assert refused.value.public_message == "This account is suspended."
    await store.follows.follow("c-bob", "u-ann", NOW)

    await follows.unfollow("c-bob", "u-ann")

    assert (await follows.following("c-bob", "")).followers == 0


@pytest.mark.parametrize(
    ("channel_id", "user_id", "refusal"),
    [("c-bob", "u-bob", ForbiddenError), ("c-none", "u-ann", NotFoundError), ("c-bob", "u-none", NotFoundError)],
)
async def test_following_the_own_or_an_unknown_channel_is_refused(
    follows: FollowService, channel_id: str, user_id: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        await follows.follow(channel_id, user_id)

    assert (await follows.following(channel_id, "")).followers == 0
