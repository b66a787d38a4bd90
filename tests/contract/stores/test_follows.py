"""Follows, with the same behaviour in both stores."""

import asyncio

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.chat.model import Follow
from tests.contract.stores.samples import MILLISECOND, NOW, channel


@pytest.fixture(autouse=True)
async def ann(store: Store) -> None:
    await store.channels.add(channel("ann"))


async def test_a_follow_lasts_until_it_is_removed(store: Store) -> None:
    assert not (await store.follows.following("c-ann", "u-bob")).is_following

    assert await store.follows.follow("c-ann", "u-bob", NOW)
    assert (await store.follows.following("c-ann", "u-bob")).is_following

    assert await store.follows.unfollow("c-ann", "u-bob")
    assert not (await store.follows.following("c-ann", "u-bob")).is_following


async def test_following_again_changes_nothing(store: Store) -> None:
    await store.follows.follow("c-ann", "u-bob", NOW)

    assert not await store.follows.follow("c-ann", "u-bob", NOW + MILLISECOND)

    assert (await store.follows.following("c-ann", "")).followers == 1
    assert (await store.chat_settings.membership_status("c-ann", "u-bob")).followed_at == NOW


async def test_a_follow_after_an_unfollow_starts_at_the_new_time(store: Store) -> None:
    await store.follows.follow("c-ann", "u-bob", NOW)
    await store.follows.unfollow("c-ann", "u-bob")

    await store.follows.follow("c-ann", "u-bob", NOW + MILLISECOND)

    assert (await store.chat_settings.membership_status("c-ann", "u-bob")).followed_at == NOW + MILLISECOND


async def test_an_unfollow_without_a_follow_is_refused(store: Store) -> None:
    await store.follows.follow("c-ann", "u-bob", NOW)

    assert not await store.follows.unfollow("c-ann", "u-eve")
    assert not await store.follows.unfollow("c-bob", "u-bob")

    assert (await store.follows.following("c-ann", "u-bob")).is_following


async def test_followers_are_counted_by_channel(store: Store) -> None:
    for name in ("bob", "eve", "zoe"):
        await store.follows.follow("c-ann", f"u-{name}", NOW)
    await store.follows.follow("c-bob", "u-eve", NOW)
    await store.follows.unfollow("c-ann", "u-zoe")

    assert (await store.follows.following("c-ann", "")).followers == 2
    assert (await store.follows.following("c-bob", "")).followers == 1
    assert (await store.follows.following("c-nobody", "")).followers == 0


async def test_twenty_concurrent_follows_count_once(store: Store) -> None:
    began = await asyncio.gather(*(store.follows.follow("c-ann", "u-bob", NOW) for _ in range(20)))
    counted = (await store.follows.following("c-ann", "")).followers
    ended = await asyncio.gather(*(store.follows.unfollow("c-ann", "u-bob") for _ in range(20)))

    assert (began.count(True), counted, ended.count(True)) == (1, 1, 1)


async def test_the_follows_of_a_user_are_listed_newest_first_in_pages(store: Store) -> None:
    follows = [Follow(f"c-{n}", NOW + n // 2 * MILLISECOND) for n in range(5)]
    for follow in follows:
        await store.follows.follow(follow.channel_id, "u-bob", follow.followed_at)
    await store.follows.follow("c-1", "u-eve", NOW)

    found = await store.follows.list_by_user("u-bob", 2)
    while len(found) < 5:
        found += await store.follows.list_by_user("u-bob", 2, (found[-1].followed_at, found[-1].channel_id))

    assert found == follows[::-1]
    assert await store.follows.list_by_user("u-bob", 2, (NOW, "c-0")) == []
    assert await store.follows.list_by_user("u-bob", 0) == []
