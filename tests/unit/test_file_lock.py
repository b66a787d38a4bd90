"""File locks between processes."""

import fcntl
import os
import subprocess
import sys
from io import TextIOWrapper
from pathlib import Path

import pytest

from streaming_app.backend.adapters.file_lock import LockedError, lock_file
from streaming_app.backend.errors import SetupError


def test_a_held_lock_names_its_holder(tmp_path: Path) -> None:
    with lock_file(tmp_path / "one.pid", 0), pytest.raises(LockedError) as refused:
        lock_file(tmp_path / "one.pid", 0)

    assert refused.value.holder == str(os.getpid())


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    program = (
        "import os, sys, signal; from pathlib import Path\n"
        "from streaming_app.backend.adapters.file_lock import lock_file\n"
        "lock = lock_file(Path(sys.argv[1]), 0); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "one.pid"], check=False, cwd=Path(__file__).parents[2])  # noqa: S603 - ours

    with lock_file(tmp_path / "one.pid", 0):
        assert (tmp_path / "one.pid").read_text() == f"{os.getpid()}\n"


def test_a_waiting_process_gets_the_lock_when_it_is_released(tmp_path: Path) -> None:
    first = lock_file(tmp_path / "one.pid", 0)

    with lock_file(tmp_path / "one.pid", 60, first.close):
        assert first.closed


def test_a_waiting_process_gets_the_lock_of_a_process_that_deletes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "one.pid"
    first = lock_file(path, 0)

    def release() -> None:
        path.unlink(missing_ok=True)
        first.close()

    with lock_file(path, 60, release):
        assert path.exists()


def test_a_file_that_is_deleted_before_it_is_locked_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.pid"
    lock = fcntl.flock

    def delete_first(file: TextIOWrapper, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        path.unlink()
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", delete_first)

    with lock_file(path, 60):
        assert path.read_text() == f"{os.getpid()}\n"


def test_a_folder_that_cannot_be_created_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(SetupError, match=r"DATA_DIR .*data cannot be written: File exists\."):
        lock_file(tmp_path / "data" / "one.pid", 0)
