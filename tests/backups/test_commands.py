"""What the commands ``backup`` and ``restore`` print."""

import json
import os
from pathlib import Path

import pytest

from streaming_app.backend.__main__ import main
from streaming_app.backend.adapters.site_secret import KEY_FILE, open_secrets
from streaming_app.backend.backups.commands import ownership_step
from streaming_app.backend.config import Settings

BACKUP = "backups/today"


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A site without users in the working directory."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    open_secrets(Settings())
    assert main(["indexes"]) == 0


def test_the_operator_is_warned_of_the_secret_key_in_a_backup(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", BACKUP]) == 0

    said = capsys.readouterr().out
    assert f"{BACKUP} is a complete backup: 0 records, 0 recordings, 0." in said
    assert f"Warning: the backup contains {KEY_FILE}, which opens all stream keys" in said


def test_the_operator_is_told_to_keep_the_key_that_a_backup_does_not_have(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["backup", BACKUP, "--without-secret-key"]) == 0
    assert f"Keep DATA_DIR/{KEY_FILE} elsewhere: a restore needs it." in capsys.readouterr().out

    monkeypatch.setenv("SECRET_KEY", "k" * 40)
    assert main(["backup", "backups/tomorrow"]) == 0
    assert "Keep SECRET_KEY elsewhere: a restore needs it." in capsys.readouterr().out


def test_a_restore_tells_the_operator_what_to_do_next(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["backup", BACKUP])
    monkeypatch.setenv("DATA_DIR", "new")
    capsys.readouterr()

    assert main(["restore", BACKUP]) == 0

    said = capsys.readouterr().out.splitlines()
    assert "UTC is restored: 0 records, 0 recordings, 0." in said[0]
    assert said[1:3] == ["Next:", "1. Start the site."]


def test_a_restore_by_another_user_than_the_owner_of_the_folder_names_the_command_that_corrects_it(
    tmp_path: Path,
) -> None:
    owner = os.geteuid()

    assert ownership_step(tmp_path, owner) == ""
    assert f"chown -R {owner} {tmp_path}. " in ownership_step(tmp_path, owner + 1)


def test_errors_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["restore", "data"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("is not a complete backup: manifest.json or SHA256SUMS is missing.")
    main(["backup", BACKUP])
    capsys.readouterr()

    assert main(["restore", BACKUP]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert "is not empty: it has streaming.sqlite3. A restore replaces nothing." in line


def test_the_manifest_has_no_secret() -> None:
    main(["backup", BACKUP])

    manifest = json.loads(Path(BACKUP, "manifest.json").read_text())
    assert manifest["store"] == "sqlite"
    assert Path("data", KEY_FILE).read_text().strip() not in str(manifest)
