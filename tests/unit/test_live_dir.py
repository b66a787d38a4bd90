"""The folder of live video in shared memory, in which every user of the machine can create files."""

import os
import stat
from pathlib import Path

import pytest

from streaming_app.backend.adapters import live_dir
from streaming_app.backend.adapters.live_dir import live_dir_of, make_live_dir
from streaming_app.backend.config import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings on a machine whose shared memory is a temporary folder."""
    memory = tmp_path / "shm"
    memory.mkdir()
    monkeypatch.setattr(live_dir, "MEMORY", memory)
    monkeypatch.setattr(live_dir, "MEMORY_MIN_BYTES", 0)
    return Settings(data_dir=tmp_path / "data")


def test_the_live_folder_is_private_to_the_user(settings: Settings) -> None:
    folder = make_live_dir(settings)

    assert folder == live_dir_of(settings)
    assert folder.parent == live_dir.MEMORY
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_permissions_of_an_existing_live_folder_are_restricted(settings: Settings) -> None:
    live_dir_of(settings).mkdir(mode=0o755)

    assert stat.S_IMODE(make_live_dir(settings).stat().st_mode) == 0o700


@pytest.mark.parametrize("what", ["a link to a folder of ours", "a file"])
def test_a_file_or_link_in_place_of_the_live_folder_is_refused(settings: Settings, tmp_path: Path, what: str) -> None:
    in_the_way = live_dir_of(settings)
    if what == "a file":
        in_the_way.touch()
    else:
        in_the_way.symlink_to(tmp_path)

    assert live_dir_of(settings) == make_live_dir(settings) == settings.data_dir.resolve() / "live"


def test_a_folder_of_another_user_is_refused(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    live_dir_of(settings).mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    assert live_dir_of(settings) == settings.data_dir.resolve() / "live"


def test_permissions_of_a_configured_live_folder_are_not_changed(settings: Settings, tmp_path: Path) -> None:
    chosen = settings.model_copy(update={"live_dir": tmp_path / "live"})
    (tmp_path / "live").mkdir(mode=0o755)

    assert stat.S_IMODE(make_live_dir(chosen).stat().st_mode) == 0o755
