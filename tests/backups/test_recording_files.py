"""The files of recordings in a backup."""

from pathlib import Path

import pytest

from streaming_app.backend.backups.recording_files import back_up_recordings
from streaming_app.backend.media.recordings.index_playlist import END
from streaming_app.backend.media.recordings.recording_folder import INDEX, RecordingFolder
from tests.rig.recorded_video import record_zeros

NAMES = {INDEX, "init-0.mp4", "0.m4s", "1.m4s", "2.m4s"}


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A folder with the recording ``x``, of three segments."""
    record_zeros(tmp_path / "recordings/x", segments=3, segment_bytes=1000)
    return tmp_path / "recordings"


def test_segments_take_no_additional_space(recordings: Path, tmp_path: Path) -> None:
    assert back_up_recordings(recordings, tmp_path / "backup", ["x"]) == (1, 0)

    saved = tmp_path / "backup/x"
    assert {file.name for file in saved.iterdir()} == NAMES
    assert (saved / "1.m4s").samefile(recordings / "x/1.m4s")
    assert not (saved / INDEX).samefile(recordings / "x" / INDEX)


def test_a_recording_that_is_being_made_is_backed_up_until_now(recordings: Path, tmp_path: Path) -> None:
    index = recordings / "x" / INDEX
    torn = index.read_text().removesuffix(END).removesuffix("2.m4s\n") + "2.m"
    index.write_text(torn)

    assert back_up_recordings(recordings, tmp_path / "backup", ["x"]) == (1, 0)

    saved = tmp_path / "backup/x"
    assert {file.name for file in saved.iterdir()} == NAMES - {"2.m4s"}
    assert RecordingFolder(saved).last_number == 1
    assert index.read_text() == torn


def test_a_file_that_is_lost_does_not_keep_the_others_from_the_backup(recordings: Path, tmp_path: Path) -> None:
    (recordings / "x/1.m4s").unlink()

    assert back_up_recordings(recordings, tmp_path / "backup", ["x"]) == (1, 0)

    assert {file.name for file in (tmp_path / "backup/x").iterdir()} == NAMES - {"1.m4s"}


@pytest.mark.parametrize(("line", "damaged"), [("DATE-TIME:20", "DATE-TIME:20x"), ("EXTINF:1.", "EXTINF:1.0.")])
def test_a_damaged_playlist_keeps_no_recording_from_the_backup(
    recordings: Path, tmp_path: Path, line: str, damaged: str, caplog: pytest.LogCaptureFixture
) -> None:
    record_zeros(tmp_path / "recordings/y", segments=1, segment_bytes=1000)
    index = recordings / "x" / INDEX
    text = index.read_text()
    assert line in text
    index.write_text(text.replace(line, damaged))
    (recordings / "x/2.m4s.unfinished").touch()

    assert back_up_recordings(recordings, tmp_path / "backup", ["x", "y"]) == (2, 0)

    assert {file.name for file in (tmp_path / "backup/x").iterdir()} == NAMES
    assert {file.name for file in (tmp_path / "backup/y").iterdir()} == {INDEX, "init-0.mp4", "0.m4s"}
    assert "The playlist of the recording x is damaged" in caplog.text


def test_recordings_without_files_are_counted(recordings: Path, tmp_path: Path) -> None:
    assert back_up_recordings(recordings, tmp_path / "backup", ["gone", "x", "lost"]) == (1, 2)

    assert [folder.name for folder in (tmp_path / "backup").iterdir()] == ["x"]
