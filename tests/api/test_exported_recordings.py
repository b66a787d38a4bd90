"""The videos in the download of everything that belongs to an account."""

import io
import json
import shutil
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from streaming_app.backend.account_data.exported_files import README
from streaming_app.backend.api.account_export import EXPORT_PATH
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.recordings.model import Recording
from tests.api.conftest import Browser
from tests.rig.conditions import until
from tests.rig.ffmpeg import probe, recorded_flv
from tests.rig.full_account import START, FullAccount, fill_account
from tests.rig.recorded_video import record, record_zeros

MB = 1_000_000
SEGMENTS, SEGMENT_BYTES = 100, 4 * MB
BUFFERED_BYTES = 8 * MB
"""More than an export has in memory, and much less than the recording of zeros."""


@dataclass
class Site:
    """A site with an account that has a recording."""

    backend: Backend
    browser: Browser
    account: FullAccount
    folder: Path

    @property
    def base(self) -> str:
        """Name of the recording's files in the archive, without the ending."""
        return f"recordings/2026-11-28-1200-stream-{self.account.channel.channel_id}"

    async def start(self) -> AsyncIterator[bytes]:
        """Start an export without HTTP."""
        return await self.backend.account_data.export.start(self.browser.token, "https://live.test", "192.0.2.1")

    async def archive(self) -> zipfile.ZipFile:
        answer = await self.browser.client.get(EXPORT_PATH)
        return zipfile.ZipFile(io.BytesIO(answer.content))

    def open_files(self) -> list[str]:
        return [each.path for each in psutil.Process().open_files() if str(self.folder) in each.path]


@pytest.fixture
async def site(browser: Browser, backend: Backend) -> Site:
    account = await fill_account(backend.store)
    await backend.store.authenticator_apps.remove(account.ann.user_id)
    assert (await browser.sign_in(account.ann)).status_code == 201
    data_dir = backend.settings.data_dir.resolve()
    return Site(backend, browser, account, data_dir / f"recordings/stream-{account.channel.channel_id}")


async def test_a_recording_is_one_playable_file(site: Site, tmp_path: Path) -> None:
    record(site.folder, tmp_path / "live", [recorded_flv(tmp_path / "sent.flv", seconds=3)])
    (site.folder / "poster.jpg").write_bytes(b"poster")
    thumbnail = site.backend.settings.data_dir / "thumbnails" / f"{site.account.channel.channel_id}.jpg"
    thumbnail.parent.mkdir()
    thumbnail.write_bytes(b"thumbnail")

    archive = await site.archive()

    assert archive.testzip() is None
    assert archive.read(f"{site.base}.jpg") == b"poster"
    assert archive.read("thumbnail.jpg") == b"thumbnail"
    streams = probe(archive.read(f"{site.base}.mp4"), tmp_path / "exported.mp4")
    assert int(streams["video"]["nb_read_frames"]) == 90
    assert streams["audio"]["codec_name"] == "aac"
    [about] = json.loads(archive.read("recordings.json"))
    assert about["files"] == [f"{site.base}.jpg", f"{site.base}.mp4"]
    assert "not complete" not in archive.read(README).decode()


async def test_a_recording_of_an_encoder_that_reconnected_is_one_playable_file(site: Site, tmp_path: Path) -> None:
    flv = recorded_flv(tmp_path / "sent.flv", seconds=3)
    recording = record(site.folder, tmp_path / "live", [flv, flv])

    archive = await site.archive()

    videos = [name for name in archive.namelist() if name.endswith(".mp4")]
    assert videos == [f"{site.base}.mp4"]
    streams = probe(archive.read(videos[0]), tmp_path / "exported.mp4")
    assert int(streams["video"]["nb_read_frames"]) == 180
    for stream in streams.values():
        assert float(stream["duration"]) == pytest.approx(recording.seconds, abs=0.1)


async def test_a_recording_has_a_file_for_each_picture_size(site: Site, tmp_path: Path) -> None:
    small = recorded_flv(tmp_path / "small.flv", seconds=2, picture="testsrc2=size=320x180:rate=30")
    large = recorded_flv(tmp_path / "large.flv", seconds=2)
    record(site.folder, tmp_path / "live", [small, small, large])

    archive = await site.archive()

    widths = [
        probe(archive.read(name), tmp_path / "exported.mp4")["video"]["width"]
        for name in (f"{site.base}.mp4", f"{site.base}-2.mp4")
    ]
    assert widths == [320, 640]


async def test_an_archive_names_recordings_that_are_not_on_this_machine(site: Site) -> None:
    archive = await site.archive()

    assert archive.testzip() is None
    assert not [name for name in archive.namelist() if name.startswith("recordings/")]
    page = f"http://localhost:8080/c/{site.account.channel.slug}/r/stream-{site.account.channel.channel_id}"
    assert f"{site.base}.mp4 is missing: see {page}" in archive.read(README).decode()


async def test_an_archive_is_valid_if_a_recording_is_deleted_during_the_download(site: Site) -> None:
    record_zeros(site.folder, SEGMENTS, SEGMENT_BYTES)
    content = io.BytesIO()

    async for chunk in await site.start():
        content.write(chunk)
        if content.tell() > 20 * MB:
            shutil.rmtree(site.folder, ignore_errors=True)

    archive = zipfile.ZipFile(content)
    assert archive.testzip() is None
    assert 20 * MB <= archive.getinfo(f"{site.base}.mp4").file_size < SEGMENTS * SEGMENT_BYTES
    assert f"{site.base}.mp4 is incomplete" in archive.read(README).decode()


async def test_an_archive_is_not_kept_in_memory(site: Site) -> None:
    record_zeros(site.folder, SEGMENTS, SEGMENT_BYTES)
    received = 0
    chunks = await site.start()
    tracemalloc.start()

    async for chunk in chunks:
        received += len(chunk)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert received > SEGMENTS * SEGMENT_BYTES
    assert peak < BUFFERED_BYTES


async def test_an_export_reads_only_as_far_ahead_as_the_client_has_received(site: Site) -> None:
    record_zeros(site.folder, SEGMENTS, SEGMENT_BYTES)
    received, before = 0, psutil.Process().io_counters().read_chars

    async for chunk in await site.start():
        received += len(chunk)
        assert psutil.Process().io_counters().read_chars - before - received < BUFFERED_BYTES


async def test_a_download_that_is_cancelled_leaves_nothing_open(site: Site) -> None:
    record_zeros(site.folder, SEGMENTS, SEGMENT_BYTES)
    chunks = await site.start()
    received = 0
    while received < 20 * MB:
        received += len(await anext(chunks))
    assert site.open_files()

    await chunks.aclose()  # pyright: ignore[reportAttributeAccessIssue] - an asynchronous generator

    await until(lambda: not site.open_files(), "the files were closed")
    async for _ in await site.start():
        pass


async def test_an_account_without_videos_has_no_size(site: Site, backend: Backend) -> None:
    export = backend.account_data.export
    ann, bob = site.account.ann, site.account.bob
    recording = Recording("s-2", site.account.channel.channel_id, "t", "", START, 60, 5 * MB)
    await backend.store.recordings.add(replace(recording, ended_at=START))

    assert await export.video_bytes(ann.user_id) == 5 * MB + 1
    assert await export.video_bytes("nobody") == 0
    assert await export.video_bytes(bob.user_id) == 1
