"""Sessions, with the same behaviour in both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import NotFoundError
from tests.contract.stores.samples import ANN, MILLISECOND, NOW, SESSION, user


@pytest.fixture(autouse=True)
async def users(store: Store) -> None:
    await store.users.add(ANN)
    await store.users.add(user("bob"))


async def test_a_session_names_its_user(store: Store) -> None:
    await store.sessions.add(SESSION)

    assert (await store.sessions.get_with_user("s-1", NOW))[1] == ANN


async def test_a_session_of_an_unknown_user_is_not_found(store: Store) -> None:
    await store.sessions.add(replace(SESSION, user_id="u-nobody"))

    with pytest.raises(NotFoundError):
        await store.sessions.get_with_user("s-1", NOW)


async def test_an_unknown_session_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.sessions.get_with_user("s-1", NOW)


async def test_a_session_is_valid_until_it_expires(store: Store) -> None:
    await store.sessions.add(SESSION)

    assert (await store.sessions.get_with_user("s-1", SESSION.expires_at - MILLISECOND))[1].user_id == "u-ann"
    with pytest.raises(NotFoundError):
        await store.sessions.get_with_user("s-1", SESSION.expires_at)


async def test_removing_a_session_keeps_the_others(store: Store) -> None:
    await store.sessions.add(SESSION)
    await store.sessions.add(replace(SESSION, session_id="s-2"))

    await store.sessions.remove("s-1")

    with pytest.raises(NotFoundError):
        await store.sessions.get_with_user("s-1", NOW)
    assert (await store.sessions.get_with_user("s-2", NOW))[1].user_id == "u-ann"


async def test_removing_a_session_twice_succeeds(store: Store) -> None:
    await store.sessions.add(SESSION)

    for _ in range(2):
        await store.sessions.remove("s-1")

    with pytest.raises(NotFoundError):
        await store.sessions.get_with_user("s-1", NOW)


async def test_removing_all_sessions_of_a_user_keeps_those_of_others(store: Store) -> None:
    await store.sessions.add(SESSION)
    await store.sessions.add(replace(SESSION, session_id="s-2"))
    await store.sessions.add(replace(SESSION, session_id="s-3", user_id="u-bob"))

    await store.sessions.remove_all_of("u-ann")

    for gone in ("s-1", "s-2"):
        with pytest.raises(NotFoundError):
            await store.sessions.get_with_user(gone, NOW)
    assert (await store.sessions.get_with_user("s-3", NOW))[1].user_id == "u-bob"


async def test_a_new_session_keeps_valid_sessions(store: Store) -> None:
    later = NOW + timedelta(days=29)
    await store.sessions.add(SESSION)

    await store.sessions.add(
        replace(SESSION, session_id="s-2", created_at=later, expires_at=later + timedelta(days=30))
    )

    assert (await store.sessions.get_with_user("s-1", later))[1].user_id == "u-ann"


async def test_a_session_is_read_as_it_was_stored(store: Store) -> None:
    session = replace(SESSION, device="Firefox on Linux", address="192.0.2.7", seen_at=NOW + timedelta(hours=1))
    await store.sessions.add(session)

    assert await store.sessions.get_with_user("s-1", NOW) == (session, ANN)


async def test_the_last_use_of_a_session_is_stored(store: Store) -> None:
    await store.sessions.add(SESSION)

    await store.sessions.set_seen("s-1", NOW + timedelta(hours=2))
    await store.sessions.set_seen("s-unknown", NOW)

    assert await store.sessions.get_with_user("s-1", NOW) == (replace(SESSION, seen_at=NOW + timedelta(hours=2)), ANN)


async def test_a_user_s_valid_sessions_are_listed_newest_first(store: Store) -> None:
    newer = replace(SESSION, session_id="s-2", created_at=NOW + timedelta(hours=1))
    await store.sessions.add(SESSION)
    await store.sessions.add(newer)
    await store.sessions.add(replace(SESSION, session_id="s-3", expires_at=NOW))
    await store.sessions.add(replace(SESSION, session_id="s-4", user_id="u-bob"))

    assert await store.sessions.list_by_user("u-ann", NOW) == [newer, SESSION]
    assert await store.sessions.list_by_user("u-nobody", NOW) == []


async def test_all_sessions_of_a_user_except_one_are_removed(store: Store) -> None:
    for session_id in ("s-1", "s-2", "s-3"):
        await store.sessions.add(replace(SESSION, session_id=session_id))
    await store.sessions.add(replace(SESSION, session_id="s-4", user_id="u-bob"))

    await store.sessions.remove_all_of("u-ann", keep="s-2")

    assert [each.session_id for each in await store.sessions.list_by_user("u-ann", NOW)] == ["s-2"]
    assert (await store.sessions.get_with_user("s-4", NOW))[1].user_id == "u-bob"


async def test_a_new_password_ends_all_sessions_of_the_user_and_only_those(store: Store) -> None:
    await store.sessions.add(SESSION)
    await store.sessions.add(replace(SESSION, session_id="s-2", user_id="u-bob"))

    new = "a new hash"
    assert await store.users.set_password("u-ann", 0, new)
    await store.sessions.add(replace(SESSION, session_id="s-3", generation=1))

    with pytest.raises(NotFoundError):
        await store.sessions.get_with_user("s-1", NOW)
    assert (await store.sessions.get_with_user("s-2", NOW))[1].user_id == "u-bob"
    changed = replace(ANN, password_hash=new, session_generation=1)
    assert (await store.sessions.get_with_user("s-3", NOW))[1] == changed
