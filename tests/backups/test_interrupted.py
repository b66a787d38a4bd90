"""Backups and restores that are killed at any step."""

import asyncio
import os
import re
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from streaming_app.backend.adapters.store_copy import RESTORE_MARKER
from streaming_app.backend.backups.checksums import check_files
from streaming_app.backend.backups.manifest import read_manifest
from streaming_app.backend.backups.restore import restore
from streaming_app.backend.bootstrap import open_store
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from tests.backups.conftest import NewSettings, Site, sorted_rows, tree
from tests.conftest import MONGO_SERVERS
from tests.contract.stores.samples import user
from tests.rig.dying import DiedError, dying_after

ROOT = Path(__file__).parents[2]
STEP = 5
"""How many waits later a restore dies each time."""


def run_killed(settings: Settings, folder: Path, *words: str) -> int:
    """Run the command until it is not killed, see ``tests.rig.killed_commands``. Return the number of kills."""
    command = [sys.executable, "-m", "tests.rig.killed_commands", str(folder), *words]
    environment = {**os.environ, "DATA_DIR": str(settings.data_dir)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert run.returncode == 0, run.stderr
    found = re.search(r"killed (\d+) times", run.stdout)
    assert found
    return int(found[1])


@pytest.mark.parametrize("new_settings", ["sqlite"], indirect=True)
async def test_a_backup_that_is_killed_at_any_step_is_never_mistaken_for_a_complete_one(
    site: Site, target: Path
) -> None:
    kills = await asyncio.to_thread(run_killed, site.backend.settings, target.parent, "backup", str(target))

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

    kills = await asyncio.to_thread(run_killed, settings, settings.data_dir, "restore", str(target))

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
