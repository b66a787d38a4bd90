"""Real-time viewers see the stream again after a part of the site, or the encoder's connection, was killed."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.supervisor.tcp_ports import listening_pids
from tests.rig.conditions import until
from tests.rig.nginx import nginx_processes, nginx_settings
from tests.rig.processes import Process, descendants
from tests.rig.realtime_client import ReconnectingViewer
from tests.rtmp.conftest import Ingest, Owner, running_ingest

Kill = Callable[[Ingest, Process], None]


def _packagers(ingest: Ingest) -> list[psutil.Process]:
    """Return the packager that serves, and its standby."""
    found = descendants(os.getpid(), lambda part: part.cmdline()[-1:] == ["streaming_app.backend.packager"])
    assert [packager.environ()["DATA_DIR"] for packager in found] == 2 * [str(ingest.settings.data_dir)]
    return found


def _kill_packager(ingest: Ingest, _: Process) -> None:
    [packager] = listening_pids(ingest.settings.packager_port)
    psutil.Process(packager).kill()


def _kill_packagers(ingest: Ingest, _: Process) -> None:
    for packager in _packagers(ingest):
        packager.kill()


KILLED: dict[str, Kill] = {
    "packager": _kill_packager,
    "packager-and-standby": _kill_packagers,
    "front": lambda ingest, _: nginx_processes(ingest.settings, "front")["master"].kill(),
    "front-worker": lambda ingest, _: nginx_processes(ingest.settings, "front")["worker"].kill(),
    "ingest": lambda ingest, _: nginx_processes(ingest.settings, "ingest")["master"].kill(),
    "encoder": lambda _, encoder: encoder.kill(),
}


@pytest.fixture
async def ingest(tmp_path: Path) -> AsyncIterator[Ingest]:
    """A site whose packager is a process of its own."""
    settings = nginx_settings(tmp_path, supervise=["nginx", "packager"], transcode="off", reconnect_grace=30)
    async with running_ingest(settings, tmp_path) as ingest:
        yield ingest


@pytest.mark.parametrize("killed", KILLED)
async def test_a_viewer_who_reconnects_sees_the_stream_again(ingest: Ingest, ada: Owner, killed: str) -> None:
    encoders: list[Process] = []

    async def publish() -> None:
        while True:
            encoders.append(ingest.publish(ada.stream_key))
            await until(lambda: encoders[-1].exit_code is not None, "the encoder ended", deadline_seconds=600)

    viewer = ReconnectingViewer(ingest.settings.http_port, f"/rt/{ada.channel.channel_id}/source")
    async with ingest.web(), in_background(publish()), in_background(viewer.watch()):
        await until(lambda: viewer.plays, "the viewer saw the stream")
        before = viewer.descriptions
        packagers = {packager.pid for packager in _packagers(ingest)}

        KILLED[killed](ingest, encoders[-1])

        await until(lambda: viewer.descriptions > before and viewer.plays, "the viewer saw the stream again")
        videos = viewer.clients[-1].videos
        await until(lambda: viewer.clients[-1].videos > videos + 30, "the stream went on")
        if killed == "packager":
            [serving] = listening_pids(ingest.settings.packager_port)
            assert serving in packagers, "the standby serves"
