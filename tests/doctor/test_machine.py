"""Faults of the machine and its disks that ``doctor`` finds."""

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from streaming_app.backend.adapters.store_copy import RESTORE_MARKER
from tests.rig.doctor import examine, run_doctor, with_tmpfs
from tests.rig.ports import HOST


def test_an_installation_without_faults_has_no_finding(tmp_path: Path, installation: dict[str, str]) -> None:
    before = _files(tmp_path)

    report = examine(tmp_path, installation)

    assert report.faults == {}
    assert report.exit_code == 0
    assert _files(tmp_path) == before, "the command changed something"


def test_the_output_has_one_line_for_each_check(tmp_path: Path, installation: dict[str, str]) -> None:
    ran = run_doctor(tmp_path, {**installation, "PATH": str(tmp_path)})

    *lines, summary = ran.stdout.splitlines()
    assert ran.returncode == 1
    [found] = [line for line in lines if line.split()[1] == "ffmpeg"]
    assert found.split(maxsplit=2) == [
        "wrong",
        "ffmpeg",
        "ffmpeg is not installed, or not on the PATH. Install it with: sudo apt-get install ffmpeg.",
    ]
    assert all(line.split()[0] in {"ok", "warning", "wrong"} for line in lines)
    assert summary.startswith("1 wrong, ")


def test_an_invalid_setting_is_named_without_its_value(tmp_path: Path, installation: dict[str, str]) -> None:
    (tmp_path / ".env").write_text("MONGO_URL=password-of-ann\n", encoding="utf-8")

    ran = run_doctor(tmp_path, installation)

    assert ran.returncode == 1
    assert "wrong    settings  The configuration is wrong. MONGO_URL: it looks like mongodb://" in ran.stdout
    assert "nginx 1." in ran.stdout, "checks that need no settings must run"
    assert "password-of-ann" not in ran.stdout + ran.stderr


def test_a_settings_file_that_is_not_text_is_a_finding(tmp_path: Path, installation: dict[str, str]) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")

    report = examine(tmp_path, installation)

    assert report.message("settings") == ".env cannot be read."
    assert report.exit_code == 1


def test_settings_that_lack_another_one_are_a_finding(tmp_path: Path, installation: dict[str, str]) -> None:
    report = examine(tmp_path, {**installation, "FEED": "own"})

    assert report.level("settings") == "wrong"
    assert "FEED=own needs KAFKA_BOOTSTRAP_SERVERS" in report.message("settings")


def test_too_few_open_files_are_a_warning(tmp_path: Path, installation: dict[str, str]) -> None:
    report = examine(tmp_path, installation, before=["prlimit", "--nofile=256:256"])

    assert report.level("open files") == "warning"
    assert "A process may have 256 open files (ulimit -Hn)" in report.message("open files")


@pytest.mark.parametrize(
    ("options", "check", "message"),
    [
        ("size=20m", "DATA_DIR disk", "MB left, which counts as full."),
        ("size=45m", "DATA_DIR disk", "MB left: nothing is recorded below RECORDING_RESERVE."),
        ("size=200m,nr_inodes=300", "DATA_DIR inodes", "more files, which counts as full."),
        ("size=200m,ro", "DATA_DIR folder", "cannot be written by this user."),
    ],
)
def test_the_disk_of_the_data_is_checked(
    tmp_path: Path, installation: dict[str, str], options: str, check: str, message: str
) -> None:
    data = tmp_path / "disk"

    report = examine(tmp_path, {**installation, "DATA_DIR": str(data)}, before=with_tmpfs(data, options))

    assert message in report.faults[check]
    assert report.fix(check)


def test_a_live_folder_that_cannot_be_written_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    live = Path(installation["LIVE_DIR"])

    report = examine(tmp_path, installation, before=with_tmpfs(live, "size=300m,ro"))

    assert report.message("LIVE_DIR folder") == f"LIVE_DIR {live} cannot be written by this user."
    assert set(report.faults) == {"LIVE_DIR folder"}
    assert report.message("LIVE_DIR speed") == "LIVE_DIR is on tmpfs."


def test_data_of_another_user_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    data = tmp_path / "data"
    data.chmod(0)
    try:
        report = examine(tmp_path, installation, before=_not_even_root())
    finally:
        data.chmod(0o755)

    assert report.message("DATA_DIR folder") == f"DATA_DIR {data} cannot be written by this user."
    assert report.message("store") == f"This user may not read {data / RESTORE_MARKER}."
    assert report.fix("store").startswith("Run the command as the user of the site")


def test_a_secret_key_that_others_can_read_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    key = tmp_path / "data/secret.key"
    key.chmod(0o644)

    report = examine(tmp_path, installation)

    assert report.faults == {"secret key": f"{key} can be read by other users of this machine."}
    assert report.fix("secret key") == f"Run: chmod 600 {key}."


def test_a_lost_secret_key_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    (tmp_path / "data/secret.key").unlink()

    report = examine(tmp_path, installation)

    assert "is missing, but DATA_DIR has a database" in report.message("secret key")
    assert not (tmp_path / "data/secret.key").exists()


def test_a_port_that_another_program_has_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    port = int(installation["HTTP_PORT"])
    with socket.create_server((HOST, port)):
        report = examine(tmp_path, installation)

    assert set(report.faults) == {"HTTP_PORT"}
    assert report.message("HTTP_PORT").startswith(f"Port {port} is taken by ")
    assert f"(process {os.getpid()})" in report.message("HTTP_PORT")
    assert report.fix("HTTP_PORT") == "Stop it, or set HTTP_PORT to another port."


def test_a_database_of_a_newer_version_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    with closing(sqlite3.connect(tmp_path / "data/streaming.sqlite3")) as database:
        database.execute("PRAGMA user_version = 999")

    report = examine(tmp_path, installation)

    assert set(report.faults) == {"store"}
    assert "newer version of this program (schema 999, " in report.message("store")


@pytest.mark.parametrize("has_index", [True, False])
def test_the_database_of_a_killed_site_is_read_and_not_changed(
    tmp_path: Path, installation: dict[str, str], *, has_index: bool
) -> None:
    data = tmp_path / "data"
    change = "database.execute('PRAGMA journal_mode = WAL'); database.execute('PRAGMA user_version = 999'); os._exit(0)"
    script = f"import os, sqlite3; database = sqlite3.connect('streaming.sqlite3'); {change}"
    subprocess.run([sys.executable, "-c", script], cwd=data, check=True)  # noqa: S603 - our own
    if not has_index:
        (data / "streaming.sqlite3-shm").unlink()
    before = _files(data)

    report = examine(tmp_path, installation)

    expected = "newer version of this program (schema 999, " if has_index else "streaming.sqlite3 is not checked: "
    assert expected in report.message("store")
    assert (data / "streaming.sqlite3-wal").stat().st_size > 0
    assert _files(data) == before, "the command changed something"


def test_a_damaged_database_is_found(tmp_path: Path, installation: dict[str, str]) -> None:
    for file in (tmp_path / "data").glob("streaming.sqlite3*"):
        file.unlink()
    (tmp_path / "data/streaming.sqlite3").write_bytes(b"no database" * 1000)

    assert "cannot be read: file is not a database" in examine(tmp_path, installation).message("store")


def test_a_folder_without_backups_is_a_warning(tmp_path: Path, installation: dict[str, str]) -> None:
    report = examine(tmp_path, installation, "--backups", str(tmp_path / "elsewhere"))

    assert report.faults == {"backups": f"There is no backup in {tmp_path / 'elsewhere'}."}
    assert report.result == "warning"
    assert report.exit_code == 0


def test_the_backups_of_another_user_are_not_reported_as_missing(tmp_path: Path, installation: dict[str, str]) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0)
    try:
        report = examine(tmp_path, installation, "--backups", str(folder), before=_not_even_root())
    finally:
        folder.chmod(0o700)

    assert report.level("backups") == "warning"
    assert (
        report.message("backups") == f"This user may not read {folder}, so the age of the newest backup is not known."
    )


def _not_even_root() -> list[str]:
    """Return a command that runs another one without the rights of root to read everything."""
    return ["setpriv", "--bounding-set", "-all"] if os.geteuid() == 0 else []


def _files(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_mode) for path in folder.rglob("*")}
