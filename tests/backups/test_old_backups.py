"""``backup --keep``: old backups are removed, and nothing else."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest

from streaming_app.backend.__main__ import main
from streaming_app.backend.adapters.site_secret import open_secrets
from streaming_app.backend.backups.manifest import MANIFEST, read_manifest
from streaming_app.backend.backups.old_backups import REMOVED_SUFFIX, remove_leftovers, remove_old_backups
from streaming_app.backend.backups.unfinished_folder import unfinished_folder
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError


@pytest.fixture(autouse=True)
def backups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of three backups of a site without users: a is the oldest, c the newest."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    open_secrets(Settings())
    assert main(["indexes"]) == 0
    for name in ("a", "b", "c"):
        assert main(["backup", f"backups/{name}"]) == 0
    return tmp_path / "backups"


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_the_newest_backups_are_kept(backups: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backup", "backups/0-by-name", "--keep", "2"]) == 0

    assert names(backups) == ["0-by-name", "c"]
    said = capsys.readouterr().out
    assert f"{backups / 'a'} is removed.\n{backups / 'b'} is removed.\n" in said
    times: list[datetime] = [read_manifest(backups / name).created_at for name in ("c", "0-by-name")]
    assert times == sorted(times)


def test_other_files_and_damaged_backups_stay(backups: Path) -> None:
    (backups / "notes.txt").write_text("rotate the disks", encoding="utf-8")
    (backups / "photos").mkdir()
    (backups / "photos.removed").mkdir()
    (backups / "elsewhere").symlink_to(backups / "a")
    (backups / "b" / MANIFEST).write_text("{}", encoding="utf-8")

    remove_leftovers(backups)
    assert remove_old_backups(backups / "c", 1) == [backups / "a"]

    assert names(backups) == ["b", "c", "elsewhere", "notes.txt", "photos", "photos.removed"]


def test_what_killed_backups_left_is_removed_before_the_next_one(backups: Path) -> None:
    (backups / "b").rename(backups / "b.unfinished")
    (backups / "b.unfinished" / MANIFEST).unlink()
    (backups / "d.unfinished").mkdir()
    (backups / "letters.unfinished").mkdir()
    (backups / "letters.unfinished" / "draft.txt").touch()
    (backups / "film.unfinished").touch()
    (backups / "link.unfinished").symlink_to(backups / "a")

    with unfinished_folder(backups / "running"):
        assert main(["backup", "backups/a", "--keep", "5"]) == 1, "the name is taken"
        left = names(backups)

    assert left == ["a", "c", "film.unfinished", "letters.unfinished", "link.unfinished", "running.unfinished"]
    assert (backups / "a" / MANIFEST).is_file()


def test_a_removal_that_was_interrupted_is_completed(backups: Path) -> None:
    half = (backups / "a").rename(backups / f"a{REMOVED_SUFFIX}")
    shutil.rmtree(half / "store")
    (backups / f"file{REMOVED_SUFFIX}").touch()
    (backups / f"link{REMOVED_SUFFIX}").symlink_to(backups / "b")

    remove_leftovers(backups)
    assert remove_old_backups(backups / "c", 2) == []

    assert names(backups) == ["b", "c", f"file{REMOVED_SUFFIX}", f"link{REMOVED_SUFFIX}"]
    assert (backups / "b" / MANIFEST).is_file()


def test_the_backup_that_was_just_made_stays_although_the_clock_was_set_back(backups: Path) -> None:
    assert remove_old_backups(backups / "a", 2) == [backups / "b"]
    assert remove_old_backups(backups / "a", 1) == [backups / "c"]


def test_backups_of_another_site_in_the_same_folder_stay(backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "another site's key, " * 3)

    assert main(["backup", "backups/d", "--keep", "1"]) == 0

    assert names(backups) == ["a", "b", "c", "d"]


def test_fewer_backups_than_are_kept_all_stay(backups: Path) -> None:
    assert remove_old_backups(backups / "c", 3) == []
    assert remove_old_backups(backups / "c", 10) == []
    assert names(backups) == ["a", "b", "c"]


def test_a_backup_that_cannot_be_removed_is_one_error(backups: Path) -> None:
    (backups / f"a{REMOVED_SUFFIX}").touch()

    with pytest.raises(SetupError, match=r"Old backups in .* cannot be removed"):
        remove_old_backups(backups / "c", 2)


@pytest.mark.parametrize("keep", ["0", "-1", "many"])
def test_a_wrong_number_is_refused_before_a_backup_is_made(
    backups: Path, keep: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["backup", "backups/d", f"--keep={keep}"])

    assert "use a whole number, 1 or more" in capsys.readouterr().err
    assert names(backups) == ["a", "b", "c"]
