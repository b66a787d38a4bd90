"""Both stores keep sessions alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import MILLISECOND, NOW, SESSION
from tests.rig.stores import Store


async def test_a_session_comes_back_as_it_was_put_in(store: Store) -> None:
    await store.sessions.add(SESSION)

    assert await store.sessions.get("s-1", NOW) == SESSION


async def test_an_unknown_session_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.sessions.get("s-1", NOW)


async def test_a_session_stands_until_it_expires_and_not_longer(store: Store) -> None:
    await store.sessions.add(SESSION)

    assert await store.sessions.get("s-1", SESSION.expires_at - MILLISECOND) == SESSION
    with pytest.raises(NotFoundError):
        await store.sessions.get("s-1", SESSION.expires_at)


async def test_a_removed_session_is_gone_and_others_stand(store: Store) -> None:
    await store.sessions.add(SESSION)
    await store.sessions.add(replace(SESSION, session_id="s-2"))

    await store.sessions.remove("s-1")

    with pytest.raises(NotFoundError):
        await store.sessions.get("s-1", NOW)
    assert (await store.sessions.get("s-2", NOW)).user_id == "u-ann"


async def test_removing_a_session_twice_is_fine(store: Store) -> None:
    await store.sessions.add(SESSION)

    for _ in range(2):
        await store.sessions.remove("s-1")

    with pytest.raises(NotFoundError):
        await store.sessions.get("s-1", NOW)


async def test_all_sessions_of_a_user_go_and_those_of_others_stand(store: Store) -> None:
    await store.sessions.add(SESSION)
    await store.sessions.add(replace(SESSION, session_id="s-2"))
    await store.sessions.add(replace(SESSION, session_id="s-3", user_id="u-bob"))

    await store.sessions.remove_all_of("u-ann")

    for gone in ("s-1", "s-2"):
        with pytest.raises(NotFoundError):
            await store.sessions.get(gone, NOW)
    assert (await store.sessions.get("s-3", NOW)).user_id == "u-bob"


async def test_a_new_session_leaves_those_that_stand_alone(store: Store) -> None:
    later = NOW + timedelta(days=29)
    await store.sessions.add(SESSION)

    await store.sessions.add(
        replace(SESSION, session_id="s-2", created_at=later, expires_at=later + timedelta(days=30))
    )

    assert await store.sessions.get("s-1", later) == SESSION
