"""Backups and restores that are killed at any step."""

import asyncio
from itertools import count
from pathlib import Path

import pytest

from streaming_app.backend.adapters.store_copy import RESTORE_MARKER
from streaming_app.backend.backups.backup import back_up
from streaming_app.backend.backups.checksums import check_files
from streaming_app.backend.backups.manifest import read_manifest
from streaming_app.backend.backups.restore import restore
from streaming_app.backend.bootstrap import open_store
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from tests.backups.conftest import NewSettings, Site, run_killed, sorted_rows, tree
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.samples import user
from tests.rig.dying import DiedError, dying_after

STEP = 5
"""How many waits later a restore dies each time."""


@pytest.mark.parametrize("new_settings", ["sqlite"], indirect=True)
async def test_a_backup_that_is_killed_at_any_step_is_never_mistaken_for_a_complete_one(
    site: Site, target: Path
) -> None:
    kills = await asyncio.to_thread(
        run_killed, {"DATA_DIR": str(site.backend.settings.data_dir)}, target.parent, "backup", str(target)
    )

    assert kills > 15
    assert [path.name for path in target.parent.iterdir()] == [target.name]
    check_files(target)
    assert read_manifest(target).recordings == 1


@pytest.mark.parametrize("new_settings", ["sqlite"], indirect=True)
async def test_a_restore_that_is_killed_at_any_step_is_repeated(
    site: Site, new_settings: NewSettings, target: Path
) -> None:
    await site.back_up(target)
    settings = new_settings("new")

    kills = await asyncio.to_thread(
        run_killed, {"DATA_DIR": str(settings.data_dir)}, settings.data_dir, "restore", str(target)
    )

    assert kills > 15
    async with open_store(settings) as store:
        assert await sorted_rows(store) == await sorted_rows(site.backend.store)
    left = tree(settings.data_dir)
    assert {n for n in left if n.startswith("recordings")} == {n for n in tree(target) if n.startswith("recordings")}
    assert not any(name.endswith((".part", RESTORE_MARKER)) for name in left)


@pytest.mark.parametrize("new_settings", MONGO_SERVERS, indirect=True)
async def test_a_restore_into_mongodb_that_dies_at_any_step_is_repeated(
    site: Site, new_settings: NewSettings, target: Path
) -> None:
    await site.back_up(target)
    settings = new_settings("new")
    deaths = 0
    for waits in count(0, STEP):
        try:
            await dying_after(waits, restore(settings, target))
        except DiedError:
            deaths += 1
        except SetupError as refused:
            assert "is not empty" in str(refused)  # noqa: PT017 - the last attempt died at its end
            break
        else:
            break

    assert deaths > 10
    async with open_store(settings) as store:
        assert await sorted_rows(store) == await sorted_rows(site.backend.store)


async def test_the_site_does_not_start_with_half_a_backup(site: Site, new_settings: NewSettings, target: Path) -> None:
    await site.back_up(target)
    settings = new_settings("new")
    await die_halfway(settings, target)

    with pytest.raises(SetupError, match="a backup that is not restored completely"):
        async with open_store(settings):
            pass
    if settings.mongo_url:
        with pytest.raises(SetupError, match="a backup that is not restored completely"):
            await back_up(settings, target.with_name("half"), with_recordings=True, with_secret_key=True)
    await restore(settings, target)

    async with open_store(settings) as store:
        assert await sorted_rows(store) == await sorted_rows(site.backend.store)


async def test_a_restore_of_another_backup_does_not_continue_an_interrupted_one(
    site: Site, new_settings: NewSettings, target: Path
) -> None:
    await site.back_up(target)
    await site.backend.store.users.add(user("later"))
    other = target.with_name("other")
    await site.back_up(other)
    settings = new_settings("new")
    await die_halfway(settings, target)

    with pytest.raises(SetupError, match="another backup that was not restored completely"):
        await restore(settings, other)


async def die_halfway(settings: Settings, backup: Path) -> None:
    """Restore until all files but those of the store are there, and the restore has to be repeated."""
    for waits in count():
        with pytest.raises(DiedError):
            await dying_after(waits, restore(settings, backup))
        if (settings.data_dir / "recordings").exists():
            return
