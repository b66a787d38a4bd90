"""One packager writes to a live folder. Another one of the same site waits, and one of another site is refused."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.network_settings import METRICS_PORTS
from streaming_app.backend.packager.server import open_packager
from tests.rig.ports import free_port, free_ports, is_open
from tests.rig.processes import Process, stop_all

ROOT = Path(__file__).parents[2]


def _settings(folder: Path, *, data: str = "data", **others: int) -> Settings:
    ports = {"packager_port": free_port(), "nginx_admin_port": free_port(), "rtmp_port": free_port(), **others}
    return Settings.model_validate({"data_dir": folder / data, "live_dir": folder / "live", **ports})


async def test_the_packager_of_another_site_is_refused_and_deletes_no_file(tmp_path: Path) -> None:
    async with open_packager(_settings(tmp_path)):
        part = tmp_path / "live/ll/c1/source/1.0.m4s"
        part.parent.mkdir(parents=True)
        part.touch()

        with pytest.raises(SetupError, match=f"DATA_DIR {tmp_path / 'data'}.* writes to LIVE_DIR {tmp_path / 'live'}"):
            async with open_packager(_settings(tmp_path, data="other")):
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


class _Packagers:
    """The packager that serves, and its standby."""

    def __init__(self, folder: Path) -> None:
        ports = {name: free_port() for name in ("PACKAGER_PORT", "NGINX_ADMIN_PORT", "INGEST_PORT")}
        ports["METRICS_PORT"] = free_ports(METRICS_PORTS)
        self.port = ports["PACKAGER_PORT"]
        self._folder = folder
        self._environment = {"DATA_DIR": str(folder / "data"), "LIVE_DIR": str(folder / "live")}
        self._environment |= {name: str(port) for name, port in ports.items()}
        self.serving = self.start("serving")
        self.serving.wait_until_said("The packager serves")
        self.standby = self.start("standby")
        self.standby.wait_until_said(f"The packager already runs (process {self.serving.pid}): this one waits")

    def start(self, name: str) -> Process:
        command = [sys.executable, "-m", "streaming_app.backend.packager"]
        return Process(name, command, self._folder / f"{name}.log", environment=self._environment, folder=ROOT)


@pytest.fixture
def packagers(tmp_path: Path) -> Iterator[_Packagers]:
    started = _Packagers(tmp_path)
    yield started
    stop_all([started.serving, started.standby])


@pytest.mark.parametrize("end", [Process.kill, Process.stop])
def test_the_standby_serves_when_the_packager_has_ended(packagers: _Packagers, end: Callable[[Process], None]) -> None:
    end(packagers.serving)

    packagers.standby.wait_until_said("The packager serves")
    assert is_open(packagers.port)

    packagers.serving = packagers.start("serving")
    packagers.serving.wait_until_said(f"The packager already runs (process {packagers.standby.pid})")


def test_a_standby_that_is_stopped_leaves_the_packager_alone(packagers: _Packagers, tmp_path: Path) -> None:
    packagers.standby.stop()

    assert packagers.standby.exit_code == 0
    assert (tmp_path / "live/packager.lock").exists()
    assert is_open(packagers.port)
