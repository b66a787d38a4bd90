"""The folder of live video in shared memory, where every user of the machine may write."""

import os
import stat
from pathlib import Path

import pytest

from streaming_app.backend.adapters import live_dir
from streaming_app.backend.adapters.live_dir import live_dir_of, make_live_dir
from streaming_app.backend.config import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a machine with shared memory of its own."""
    memory = tmp_path / "shm"
    memory.mkdir()
    monkeypatch.setattr(live_dir, "MEMORY", memory)
    monkeypatch.setattr(live_dir, "MEMORY_MIN_BYTES", 0)
    return Settings(data_dir=tmp_path / "data")


def test_it_is_made_for_our_own_user_alone(settings: Settings) -> None:
    folder = make_live_dir(settings)

    assert folder == live_dir_of(settings)
    assert folder.parent == live_dir.MEMORY
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_one_that_is_ours_and_open_to_others_is_closed(settings: Settings) -> None:
    live_dir_of(settings).mkdir(mode=0o755)

    assert stat.S_IMODE(make_live_dir(settings).stat().st_mode) == 0o700


@pytest.mark.parametrize("what", ["a link to a folder of ours", "a file"])
def test_what_somebody_put_in_its_place_is_not_used(settings: Settings, tmp_path: Path, what: str) -> None:
    in_the_way = live_dir_of(settings)
    if what == "a file":
        in_the_way.touch()
    else:
        in_the_way.symlink_to(tmp_path)

    assert live_dir_of(settings) == make_live_dir(settings) == settings.data_dir.resolve() / "live"


def test_a_folder_of_another_user_is_not_used(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    live_dir_of(settings).mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    assert live_dir_of(settings) == settings.data_dir.resolve() / "live"


def test_a_folder_that_the_operator_chose_is_left_as_it_is(settings: Settings, tmp_path: Path) -> None:
    chosen = settings.model_copy(update={"live_dir": tmp_path / "live"})
    (tmp_path / "live").mkdir(mode=0o755)

    assert stat.S_IMODE(make_live_dir(chosen).stat().st_mode) == 0o755
