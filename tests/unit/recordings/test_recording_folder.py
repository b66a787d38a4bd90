"""The folder of a recording: every file that the index lists exists, also after faults."""

import os
import resource
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from streaming_app.backend.media.recordings import index_playlist
from streaming_app.backend.media.recordings.recording_folder import INDEX, RecordingFolder
from tests.rig.fake_packager import FakeChannel
from tests.unit.recordings.conftest import NOON, made_at


@pytest.fixture
def live(tmp_path: Path) -> FakeChannel:
    channel = FakeChannel(tmp_path / "live", NOON)
    channel.begin()
    return channel


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recordings" / "x-1"


def take(folder: RecordingFolder, live: FakeChannel) -> None:
    folder.append(live.snapshot().segments, live.folder)


def listed(path: Path) -> list[int]:
    return [segment.number for segment in index_playlist.read_segments((path / INDEX).read_text())]


def test_repeated_segments_are_stored_and_listed_once(live: FakeChannel, path: Path) -> None:
    folder = RecordingFolder(path)

    live.cut(2)
    take(folder, live)
    live.cut(1)
    take(folder, live)
    take(folder, live)

    assert listed(path) == [1000, 1001, 1002]
    assert (folder.seconds, folder.last_number, folder.ends_at) == (6.0, 1002, NOON + timedelta(seconds=6))
    assert folder.size == sum(file.stat().st_size for file in path.iterdir() if file.name != INDEX)
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in (path / INDEX).read_text()


def test_segments_deleted_by_the_packager_stay_in_the_recording(live: FakeChannel, path: Path) -> None:
    folder = RecordingFolder(path)
    live.window = 1
    live.cut()
    take(folder, live)

    live.cut()
    take(folder, live)

    assert (path / "1000.m4s").read_bytes() == b"segment 1000" * 10
    assert not (live.folder / "1000.m4s").exists()


def test_segments_that_no_longer_exist_are_skipped(live: FakeChannel, path: Path) -> None:
    live.cut(3)
    (live.folder / "1001.m4s").unlink()
    folder = RecordingFolder(path)

    take(folder, live)

    assert listed(path) == [1000, 1002]
    assert (path / INDEX).read_text().count("#EXT-X-DISCONTINUITY") == 1


def test_a_restart_continues_from_the_files_on_disk(live: FakeChannel, path: Path) -> None:
    live.cut(2)
    before = RecordingFolder(path)
    take(before, live)

    live.cut(2)
    folder = RecordingFolder(path)
    assert (folder.seconds, folder.size, folder.last_number) == (before.seconds, before.size, 1001)
    take(folder, live)

    assert listed(path) == [1000, 1001, 1002, 1003]
    assert folder.seconds == 8.0


@pytest.mark.parametrize("torn", ["#EXT-X-PROGRAM-DATE-", "#EXTINF:2.0", "#EXTINF:2.00000,\n100", "\0\0\0\0"])
def test_an_incomplete_line_after_a_power_cut_is_removed(live: FakeChannel, path: Path, torn: str) -> None:
    live.cut(2)
    take(RecordingFolder(path), live)
    intact = (path / INDEX).read_text()
    with (path / INDEX).open("a") as index:
        index.write(torn)

    folder = RecordingFolder(path)

    assert (path / INDEX).read_text() == intact
    live.cut()
    take(folder, live)
    assert listed(path) == [1000, 1001, 1002]


def test_an_incomplete_line_on_a_full_disk_is_removed(live: FakeChannel, path: Path) -> None:
    folder = RecordingFolder(path)
    live.cut(3)
    take(folder, live)
    intact = (path / INDEX).read_text()
    live.cut()

    with file_size_limit(len(intact) + 20), pytest.raises(OSError, match="File too large"):
        take(folder, live)
    assert (path / INDEX).read_text() == intact
    assert folder.last_number == 1002

    take(folder, live)
    assert listed(path) == [1000, 1001, 1002, 1003]


@contextmanager
def file_size_limit(size: int) -> Generator[None]:
    """Make writes fail above this file size while the block runs, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_an_incomplete_header_is_written_again(live: FakeChannel, path: Path) -> None:
    path.mkdir(parents=True)
    (path / INDEX).write_text("#EXTM3U\n#EXT-X-VERS")
    live.cut()

    take(RecordingFolder(path), live)

    assert listed(path) == [1000]
    assert (path / INDEX).read_text().startswith("#EXTM3U\n#EXT-X-VERSION:7\n")


def test_files_of_an_interrupted_round_are_written_again(live: FakeChannel, path: Path) -> None:
    live.cut()
    path.mkdir(parents=True)
    (path / "1000.m4s").write_bytes(b"half")
    (path / "init-1000.mp4").write_bytes(b"")

    take(RecordingFolder(path), live)

    assert (path / "1000.m4s").read_bytes() == b"segment 1000" * 10
    assert (path / "init-1000.mp4").read_bytes() == b"init1000"


def test_a_long_segment_raises_the_target_duration_of_the_whole_index(live: FakeChannel, path: Path) -> None:
    folder = RecordingFolder(path)
    live.cut()
    take(folder, live)

    live.cut(seconds=9.7)
    live.cut()
    take(folder, live)

    assert "#EXT-X-TARGETDURATION:10\n" in (path / INDEX).read_text()
    assert listed(path) == [1000, 1001, 1002]


def test_a_finished_index_has_an_end_tag_and_the_folder_no_other_files(live: FakeChannel, path: Path) -> None:
    folder = RecordingFolder(path)
    live.cut(2)
    take(folder, live)
    (path / "999.m4s").write_bytes(b"of an interrupted round")

    folder.finish()
    folder.finish()

    text = (path / INDEX).read_text()
    assert "#EXT-X-PLAYLIST-TYPE:VOD\n" in text
    assert text.endswith("#EXT-X-ENDLIST\n")
    assert {file.name for file in path.iterdir()} == {INDEX, "init-1000.mp4", "1000.m4s", "1001.m4s"}


def test_nothing_is_added_to_a_finished_recording(live: FakeChannel, path: Path) -> None:
    live.cut()
    folder = RecordingFolder(path)
    take(folder, live)
    folder.finish()

    live.cut()
    take(folder, live)
    take(RecordingFolder(path), live)

    assert listed(path) == [1000]


def test_files_are_copied_if_they_cannot_be_linked(live: FakeChannel, path: Path) -> None:
    live.cut()
    elsewhere = Path("/dev/shm") / f"streaming-app-test-{os.getpid()}"  # noqa: S108 - another file system
    live.folder.rename(live.folder.with_name("moved"))
    elsewhere.mkdir()
    try:
        for file in live.folder.with_name("moved").iterdir():
            (elsewhere / file.name).write_bytes(file.read_bytes())
        live.folder = elsewhere

        take(RecordingFolder(path), live)

        assert (path / "1000.m4s").stat().st_nlink == 1
        assert (path / "1000.m4s").read_bytes() == b"segment 1000" * 10
    finally:
        for file in elsewhere.iterdir():
            file.unlink()
        elsewhere.rmdir()


def test_a_poster_is_taken_unless_it_is_older_than_the_stream(live: FakeChannel, path: Path, tmp_path: Path) -> None:
    folder = RecordingFolder(path)
    picture = tmp_path / "c-ann.jpg"
    assert not folder.take_poster(picture, NOON)
    picture.write_bytes(b"picture")

    made_at(picture, NOON - timedelta(seconds=1))
    assert not folder.take_poster(picture, NOON)

    made_at(picture, NOON + timedelta(seconds=1))
    assert folder.take_poster(picture, NOON)
    assert (path / "poster.jpg").read_bytes() == b"picture"
