"""A backup of a running site, restored into an empty one: it has everything, and works."""

import asyncio
import re
import stat
from itertools import count
from pathlib import Path

from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.adapters.store import Store
from streaming_app.backend.backups.restore import restore
from streaming_app.backend.bootstrap import open_backend, open_store
from streaming_app.backend.media.recordings.stored_video import stored_videos
from tests.backups.conftest import PASSWORD, NewSettings, Site, sorted_rows, tree
from tests.contract.stores.samples import message, user
from tests.rig.conditions import until
from tests.rig.ffmpeg import probe
from tests.rig.stored_values import rows_of

ADDRESS = "192.0.2.1"


async def test_a_restored_site_has_every_record_of_every_table(
    site: Site, new_settings: NewSettings, target: Path
) -> None:
    before = await sorted_rows(site.backend.store)
    manifest = await site.back_up(target)
    settings = new_settings("new")

    await restore(settings, target)

    async with open_store(settings) as store:
        assert await sorted_rows(store) == before
    assert manifest.records == {table: len(rows) for table, rows in before.items()}
    assert {table for table, rows in before.items() if not rows} <= {"erased_accounts"}, "the test has no data there"


async def test_users_of_a_restored_site_continue_where_they_were(
    site: Site, new_settings: NewSettings, target: Path, tmp_path: Path
) -> None:
    await site.back_up(target)
    settings = new_settings("new")
    await restore(settings, target)
    account, channel_id = site.account, site.account.channel.channel_id

    async with open_backend(settings) as backend:
        ticket = await backend.accounts.sign_in("cleo", PASSWORD, ADDRESS)
        assert ticket
        assert await backend.channels.stream_key(site.user.user_id) == site.stream_key
        assert [line.text for line in await backend.store.chat_archive.recent(channel_id, 10)] == [
            line.text for line in await site.backend.store.chat_archive.recent(channel_id, 10)
        ]
        assert await backend.store.emotes.picture(channel_id, f"o-{account.ann.user_id}") == ("image/png", b"picture")
        assert await backend.store.avatars.picture(account.ann.avatar_id) == ("image/webp", b"picture")
        assert (await backend.accounts.register(Registration("Dora", "dora@example.com", PASSWORD), ADDRESS)).username
    folder = settings.data_dir / "recordings" / site.folder.name
    assert {file.name for file in folder.iterdir()} == {file.name for file in site.folder.iterdir()}
    [video] = stored_videos(folder)
    streams = probe(b"".join(video.chunks()), tmp_path / "restored.mp4")
    assert int(streams["video"]["nb_read_frames"]) == 60
    assert (folder / "poster.jpg").read_bytes() == b"poster"


async def test_a_backup_contains_all_writes_before_it_and_no_gap_after_them(
    site: Site, new_settings: NewSettings, target: Path
) -> None:
    """Users and messages are written in turns, so a backup of one moment has equally many, or one user more."""
    written: list[int] = []

    async def write_for_ever(store: Store) -> None:
        for number in count():
            await store.users.add(user(f"user{number:05}"))
            await store.chat_archive.add([message(number)])
            written.append(number)

    async with open_store(site.backend.settings) as other_process:
        writing = asyncio.create_task(write_for_ever(other_process))
        await until(lambda: len(written) > 100, "there was something to back up")
        before = len(written)
        manifest = await site.back_up(target)
        during = len(written)
        await until(lambda: len(written) > during, "the writer continued")
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
    settings = new_settings("new")
    await restore(settings, target)

    async with open_store(settings) as store:
        rows = await rows_of(store)
    users = {int(number) for number in re.findall(r"'u-user(\d+)'", "\n".join(rows["users"]))}
    messages = {int(number) for number in re.findall(r"'line (\d+)'", "\n".join(rows["chat_messages"]))}
    assert users == set(range(len(users)))
    assert messages == set(range(len(messages)))
    assert min(len(users), len(messages)) >= before
    if manifest.is_snapshot:
        assert len(users) - len(messages) in {0, 1}


async def test_a_recording_that_users_have_removed_is_not_backed_up(site: Site, target: Path) -> None:
    await site.backend.store.recordings.remove(site.folder.name)

    manifest = await site.back_up(target)

    assert (manifest.recordings, manifest.missing_recordings) == (0, 3), "the others have no files"
    assert not [name for name in tree(target) if site.folder.name in name]


async def test_only_the_owner_can_read_a_backup(site: Site, target: Path) -> None:
    await site.back_up(target)

    modes = {name: stat.S_IMODE((target.parent / name).stat().st_mode) for name in tree(target.parent)}
    assert modes[target.name] == 0o700
    private = {mode for name, mode in modes.items() if Path(name).suffix in {".bson", ".sqlite3", ".key", ".json"}}
    assert private == {0o600}
