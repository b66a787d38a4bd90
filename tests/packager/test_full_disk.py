"""A LIVE_DIR that is not writable: which data is lost, which files are deleted, and what is logged."""

import asyncio
import errno
import logging
import shutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from streaming_app.backend.media import bitrate_ladder
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.playlist import RenditionReport
from streaming_app.backend.media.tracks import VideoFrame
from streaming_app.backend.packager.bitrate_ladder import RETRY_SOON_SECONDS, Ladder, TranscoderSlots
from streaming_app.backend.packager.disk_errors import REPEAT_SECONDS, DiskErrorLog
from streaming_app.backend.packager.live_channel import LIVE_DIR_FULL
from streaming_app.backend.packager.packager import ENDED_PLAYLIST_SECONDS, Packager, PackagerConfig
from streaming_app.backend.packager.rendition_server import RenditionServer
from streaming_app.backend.packager.segment_folder import SegmentFolder
from streaming_app.backend.packager.transcoder import Transcoder
from tests.rig.conditions import until, until_async
from tests.rig.media_frames import both, cuts_of, periods_of
from tests.rig.memory_files import OPENED_AT, MemoryFiles, fill
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Clock, Publisher

FULL = OSError(errno.ENOSPC, "No space left on device")


class SmallDisk(MemoryFiles):
    """Files on a disk that the test can fill."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = False

    def write(self, name: str, data: bytes) -> None:
        if self.is_full:
            raise FULL
        super().write(name, data)


@pytest.fixture
def disk() -> SmallDisk:
    return SmallDisk()


@pytest.fixture
def window(disk: SmallDisk) -> LiveWindow:
    """A window with three segments, and parts of a fourth one."""
    window = LiveWindow(disk, 30.0, OPENED_AT)
    fill(window, cuts_of(both(3.5)))
    return window


def test_clearing_a_window_writes_nothing_and_deletes_every_file(window: LiveWindow, disk: SmallDisk) -> None:
    disk.is_full = True

    window.clear()

    assert disk.files == {}
    assert list(window.listed()) == []


def test_a_window_ends_even_if_its_last_segment_cannot_be_written(window: LiveWindow, disk: SmallDisk) -> None:
    assert window.open_segment is not None
    number = window.open_segment.number
    disk.is_full = True

    window.end()

    assert window.has_ended
    assert window.open_segment is None
    assert not [name for name in disk.files if name.startswith(f"{number}.")]
    assert all(segment.name in disk.files for segment in window.segments)


def test_a_cleared_window_continues_with_new_numbers_after_a_discontinuity(window: LiveWindow, disk: SmallDisk) -> None:
    newest, _ = window.newest
    before = window.segments[-1].discontinuity_sequence

    window.clear()
    fill(window, cuts_of(both(3)))

    first = next(window.listed())
    assert first.number > newest
    assert first.is_discontinuity
    assert first.discontinuity_sequence == before + 1


def test_a_partly_written_file_is_deleted(tmp_path: Path) -> None:
    folder = SegmentFolder(tmp_path / "live")
    (tmp_path / "live/.1.0.m4s").mkdir(parents=True)  # a folder with this name, so that the file cannot be written

    with pytest.raises(OSError, match="directory"):
        folder.write("1.0.m4s", b"part")

    assert not (tmp_path / "live/1.0.m4s").exists()


def test_a_file_that_cannot_be_deleted_does_not_end_the_stream(tmp_path: Path) -> None:
    folder = SegmentFolder(tmp_path / "live")
    (tmp_path / "live/1.0.m4s").mkdir(parents=True)  # a folder cannot be deleted as a file

    folder.delete("1.0.m4s")
    folder.write("1.1.m4s", b"part")

    assert (tmp_path / "live/1.1.m4s").read_bytes() == b"part"


def test_a_removed_folder_is_created_again(tmp_path: Path) -> None:
    folder = SegmentFolder(tmp_path / "live")
    folder.write("1.0.m4s", b"part")
    folder.remove()

    folder.write("1.1.m4s", b"part")

    assert (tmp_path / "live/1.1.m4s").read_bytes() == b"part"


def test_a_full_disk_and_its_end_are_logged_in_one_line_each(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    report = DiskErrorLog(Path("/live"), clock)
    caplog.set_level(logging.INFO)

    for _ in range(20):
        report.write_failed(FULL)
        report.write_succeeded()
        clock.seconds += 1
    clock.seconds += REPEAT_SECONDS
    report.write_succeeded()
    report.write_succeeded()

    assert [record.getMessage() for record in caplog.records] == [
        "LIVE_DIR /live is full: viewers of low-latency HLS get plain HLS until there is space",
        "LIVE_DIR /live can be written again",
    ]
    assert not any(record.exc_info for record in caplog.records)


async def test_channels_that_cannot_be_written_end_normally(
    packager: Packager, publisher: Publisher, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ll").mkdir()
    (tmp_path / "ll/c1").touch()  # a file in place of the channel's folder
    packager.on_publish("c1", ignore)
    publisher.send(both(3))
    channel = packager.channel("c1")
    assert channel is not None
    await until(lambda: channel.issue != "", "the trouble was noticed")

    clock.seconds += 21
    packager.reconcile(set())
    clock.seconds += ENDED_PLAYLIST_SECONDS
    packager.reconcile(set())

    assert packager.channel("c1") is None
    assert not [record for record in caplog.records if record.exc_info]


async def test_smaller_renditions_end_on_a_full_disk_and_come_back(
    publisher: Publisher, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bitrate_ladder, "ffmpeg_command", lambda *_: ["sleep", "60"])
    config = PackagerConfig(tmp_path / "ll", window_seconds=30, grace_seconds=20, transcoders=1)
    folder, frames = tmp_path / "ll/c1/source", both(60)
    first, second, third = (len(both(seconds)) for seconds in (4, 8, 10))
    later = iter(frames[third:])
    packager = Packager(config, publisher.play, clock, clock)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(packager.close)
        packager.on_publish("c1", ignore)
        channel = packager.channel("c1")
        assert channel is not None
        publisher.send(frames[:first])
        await until(lambda: channel.rendition("240p") is not None, "there was a smaller rendition")
        await until(folder.exists, "there were files")

        shutil.rmtree(folder)
        folder.touch()
        publisher.send(frames[first:second])
        await until(lambda: channel.issue == LIVE_DIR_FULL, "the trouble was noticed")
        assert channel.rendition("240p") is None
        folder.unlink()
        publisher.send(frames[second:third])
        await until(lambda: channel.issue == "", "files could be written again")

        async def is_there_again() -> bool:
            publisher.send([next(later)])
            return channel.rendition("240p") is not None

        await until_async(is_there_again, "the smaller rendition was there again")


async def test_a_rendition_that_alone_met_the_full_disk_comes_back(
    disk: SmallDisk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def write(_: Transcoder) -> None:
        disk.write("init.mp4", b"")
        await asyncio.Event().wait()

    monkeypatch.setattr(Transcoder, "run", write)
    disk.is_full = True

    def server(name: str, reports: Callable[[], list[RenditionReport]]) -> RenditionServer:
        return RenditionServer(LiveWindow(MemoryFiles(), 30.0, OPENED_AT), f"/ll-files/c1/{name}", reports)

    ladder = Ladder(TranscoderSlots(1), server, lambda: OPENED_AT, clock)
    [period] = periods_of(cuts_of(both(1)))
    ladder.begin(period)
    keyframe = VideoFrame(0, 0, is_key=True, data=b"key")
    ladder.feed(keyframe)
    await until(lambda: ladder.rendition("240p") is None, "the rendition was removed")
    disk.is_full = False
    ladder.feed(keyframe)
    assert ladder.rendition("240p") is None, "it is not tried again at once"

    clock.seconds += RETRY_SOON_SECONDS
    ladder.feed(keyframe)

    assert ladder.rendition("240p") is not None
    assert ladder.issue == ""
    await ladder.close()


async def test_a_channel_is_played_again_after_an_unexpected_error(
    packager: Packager, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    packager.on_publish("c1", ignore)
    channel = packager.channel("c1")
    assert channel is not None

    def fail(*_: object) -> None:
        message = "a fault in the program"
        raise RuntimeError(message)

    with monkeypatch.context() as broken:
        broken.setattr(channel.window, "begin_period", fail)
        publisher.send(both(1))
        await until(lambda: "could not be played" in caplog.text, "the fault was logged")
    packager.reconcile({"c1"})
    publisher.send(both(3))

    await until(lambda: len(channel.window.segments) > 1, "it was cut")
