"""Avatars, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.accounts.avatars import Avatar
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import ANN, MILLISECOND, NOW

AVATAR = Avatar("a-1", "u-ann", "image/webp", NOW)
PICTURE = b"RIFF\x00\xff"


async def kept(store: Store, *avatar_ids: str) -> list[str]:
    """Return those of the ids that are stored."""
    found: list[str] = []
    for avatar_id in avatar_ids:
        try:
            await store.avatars.picture(avatar_id)
            found.append(avatar_id)
        except NotFoundError:
            continue
    return found


async def test_a_picture_is_read_as_it_was_stored_until_it_is_removed(store: Store) -> None:
    await store.avatars.add(AVATAR, PICTURE)
    assert await store.avatars.picture("a-1") == ("image/webp", PICTURE)

    await store.avatars.remove("a-1")
    await store.avatars.remove("a-1")

    assert await kept(store, "a-1") == []


async def test_the_other_pictures_of_one_user_are_removed(store: Store) -> None:
    for number, user_id in enumerate(("u-ann", "u-bob", "u-ann")):
        await store.avatars.add(replace(AVATAR, avatar_id=f"a-{number}", user_id=user_id), PICTURE)

    await store.avatars.remove_all_of("u-ann", keep="a-2")

    assert await kept(store, "a-0", "a-1", "a-2") == ["a-1", "a-2"]


async def test_only_older_pictures_are_removed(store: Store) -> None:
    for number in range(3):
        avatar = replace(AVATAR, avatar_id=f"a-{number}", added_at=NOW + number * MILLISECOND)
        await store.avatars.add(avatar, PICTURE)

    await store.avatars.remove_all_of("u-ann", added_before=NOW + MILLISECOND)

    assert await kept(store, "a-0", "a-1", "a-2") == ["a-1", "a-2"]


async def test_each_replaced_picture_is_returned_once(store: Store) -> None:
    await store.users.add(ANN)

    replaced = await asyncio.gather(*(store.users.set_avatar("u-ann", f"a-{number}") for number in range(5)))

    shown = (await store.users.get("u-ann")).avatar_id
    assert sorted([*replaced, shown]) == ["", *(f"a-{number}" for number in range(5))]


async def test_a_display_name_is_stored_and_removed(store: Store) -> None:
    await store.users.add(ANN)

    assert await store.users.replace_display_name("u-ann", "", "Ann the Great")
    assert (await store.users.get("u-ann")).shown_name == "Ann the Great"

    assert await store.users.replace_display_name("u-ann", "Ann the Great", "")
    assert await store.users.get("u-ann") == ANN
    assert ANN.shown_name == "Ann"


async def test_of_several_simultaneous_changes_of_a_display_name_one_is_stored(store: Store) -> None:
    await store.users.add(ANN)

    stored = await asyncio.gather(*(store.users.replace_display_name("u-ann", "", f"Ann {i}") for i in range(5)))

    assert sorted(stored) == [False, False, False, False, True]
    assert (await store.users.get("u-ann")).display_name == f"Ann {stored.index(True)}"


async def test_an_unknown_user_gets_no_profile(store: Store) -> None:
    assert not await store.users.replace_display_name("u-nobody", "", "Nobody")
    with pytest.raises(NotFoundError):
        await store.users.set_avatar("u-nobody", "a-1")
