"""A second packager with the same live folder is refused and deletes nothing."""

from pathlib import Path

import pytest

from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.packager.server import open_packager
from tests.rig.ports import free_port


def _settings(folder: Path, **others: int) -> Settings:
    ports = {"packager_port": free_port(), "nginx_admin_port": free_port(), "rtmp_port": free_port(), **others}
    return Settings.model_validate({"data_dir": folder / "data", "live_dir": folder / "live", **ports})


async def test_a_second_packager_is_refused_and_deletes_no_file(tmp_path: Path) -> None:
    async with open_packager(_settings(tmp_path)):
        part = tmp_path / "live/ll/c1/source/1.0.m4s"
        part.parent.mkdir(parents=True)
        part.touch()

        with pytest.raises(SetupError, match="Another packager is already running"):
            async with open_packager(_settings(tmp_path)):
                pass

        assert part.exists()


async def test_a_packager_whose_port_is_in_use_deletes_no_file(tmp_path: Path) -> None:
    part = tmp_path / "live/ll/c1/source/1.0.m4s"
    part.parent.mkdir(parents=True)
    part.touch()
    taken = free_port()

    async with open_packager(_settings(tmp_path / "other", packager_port=taken)):
        with pytest.raises(SetupError, match=f"Port {taken} is taken"):
            async with open_packager(_settings(tmp_path, packager_port=taken)):
                pass

    assert part.exists()


async def test_a_packager_can_start_after_the_previous_one_has_ended(tmp_path: Path) -> None:
    async with open_packager(_settings(tmp_path)):
        pass

    async with open_packager(_settings(tmp_path)) as packager:
        assert packager.channel("c1") is None
    assert not (tmp_path / "live").exists()
