"""Authenticator apps and their recovery codes, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace

import pytest

from streaming_app.backend.accounts.authenticator_app import AuthenticatorApp
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ConflictError, NotFoundError
from tests.contract.stores.samples import NOW

APP = AuthenticatorApp("u-ann", b"\x00sealed\xff", NOW, last_step=100, recovery_code_hashes=("one", "two", "three"))
OTHERS = replace(APP, user_id="u-bob")


async def test_an_app_is_read_as_it_was_stored(store: Store) -> None:
    await store.authenticator_apps.add(OTHERS)
    await store.authenticator_apps.add(APP)

    assert await store.authenticator_apps.get("u-ann") == APP
    assert await store.authenticator_apps.exists("u-ann")


async def test_a_user_without_an_app_has_none(store: Store) -> None:
    await store.authenticator_apps.add(OTHERS)

    assert not await store.authenticator_apps.exists("u-ann")
    assert not await store.authenticator_apps.remove("u-ann")
    assert not await store.authenticator_apps.accept_step("u-ann", 101)
    assert not await store.authenticator_apps.take_recovery_code("u-ann", "one")
    with pytest.raises(NotFoundError):
        await store.authenticator_apps.get("u-ann")
    with pytest.raises(NotFoundError):
        await store.authenticator_apps.replace_recovery_codes("u-ann", ("four",))


async def test_a_second_app_is_refused(store: Store) -> None:
    await store.authenticator_apps.add(APP)

    with pytest.raises(ConflictError):
        await store.authenticator_apps.add(replace(APP, sealed_secret=b"other"))

    assert await store.authenticator_apps.get("u-ann") == APP


async def test_only_newer_steps_are_accepted(store: Store) -> None:
    await store.authenticator_apps.add(APP)

    assert [await store.authenticator_apps.accept_step("u-ann", step) for step in (100, 99, 102, 101, 102, 103)] == [
        *(False, False, True, False, False, True)
    ]
    assert (await store.authenticator_apps.get("u-ann")).last_step == 103


async def test_a_step_is_accepted_for_one_of_several_simultaneous_callers(store: Store) -> None:
    await store.authenticator_apps.add(APP)

    accepted = await asyncio.gather(*(store.authenticator_apps.accept_step("u-ann", 101) for _ in range(8)))

    assert sum(accepted) == 1


async def test_a_recovery_code_is_taken_by_one_of_several_simultaneous_callers(store: Store) -> None:
    await store.authenticator_apps.add(APP)
    await store.authenticator_apps.add(OTHERS)

    taken = await asyncio.gather(*(store.authenticator_apps.take_recovery_code("u-ann", "two") for _ in range(8)))

    assert sum(taken) == 1
    assert (await store.authenticator_apps.get("u-ann")).recovery_code_hashes == ("one", "three")
    assert await store.authenticator_apps.get("u-bob") == OTHERS


async def test_the_last_recovery_code_leaves_an_empty_list(store: Store) -> None:
    await store.authenticator_apps.add(replace(APP, recovery_code_hashes=("one",)))

    assert await store.authenticator_apps.take_recovery_code("u-ann", "one")

    assert (await store.authenticator_apps.get("u-ann")).recovery_code_hashes == ()


async def test_new_recovery_codes_replace_all_old_ones(store: Store) -> None:
    await store.authenticator_apps.add(APP)

    await store.authenticator_apps.replace_recovery_codes("u-ann", ("four", "five"))

    assert not await store.authenticator_apps.take_recovery_code("u-ann", "one")
    assert (await store.authenticator_apps.get("u-ann")).recovery_code_hashes == ("four", "five")


async def test_a_removed_app_is_gone_with_its_codes(store: Store) -> None:
    await store.authenticator_apps.add(APP)

    assert await store.authenticator_apps.remove("u-ann")

    assert not await store.authenticator_apps.exists("u-ann")
    assert not await store.authenticator_apps.take_recovery_code("u-ann", "one")
