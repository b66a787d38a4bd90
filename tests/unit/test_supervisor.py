"""What the web process starts: it runs, it comes back, it never outlives us; what is in the way is said in one line."""

import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import psutil
import pytest

from streaming_app.backend import supervisor
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.supervisor import check_ports, supervise
from streaming_app.backend.workers import runner
from tests.rig.conditions import until
from tests.rig.nginx import is_running, nginx_processes, nginx_settings
from tests.rig.ports import is_open
from tests.rig.processes import Process

ROOT = Path(__file__).parents[2]
PARTS = {"leash", "master", "worker", "cache"}
PARENT = """
import asyncio, sys
from streaming_app.backend.config import Settings
from streaming_app.backend.supervisor import supervise

async def main():
    async with supervise(Settings.model_validate_json(sys.argv[1])):
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return nginx_settings(tmp_path, supervise=["nginx"])


@pytest.fixture
def parent(settings: Settings, tmp_path: Path) -> Iterator[Process]:
    """A process of its own that supervises, up and running."""
    command = [sys.executable, "-c", PARENT, settings.model_dump_json()]
    process = Process("parent", command, tmp_path / "parent.log", folder=ROOT)
    process.wait_until_said("up")
    yield process
    process.kill_group()


@pytest.fixture
async def supervised(settings: Settings) -> AsyncIterator[dict[str, psutil.Process]]:
    async with supervise(settings):
        yield await _all_parts(settings)


async def _all_parts(settings: Settings, *, instead_of: psutil.Process | None = None) -> dict[str, psutil.Process]:
    """The processes of nginx, once all are there; ``instead_of`` is one that must have been replaced."""
    found: dict[str, psutil.Process] = {}

    def complete() -> bool:
        found.clear()
        found.update(nginx_processes(settings, "ingest"))
        return found.keys() == PARTS and instead_of not in found.values()

    await until(complete, "nginx ran with all its parts")
    return found


def test_every_worker_is_started_under_its_own_name() -> None:
    assert set(supervisor.WORKERS) == set(runner.WORKERS)


async def test_nginx_runs_while_the_context_is_open_and_not_a_moment_longer(settings: Settings) -> None:
    async with supervise(settings):
        parts = await _all_parts(settings)
        assert is_open(settings.http_port)
        assert is_open(settings.rtmp_port)

    assert not any(is_running(process) for process in parts.values())
    assert not is_open(settings.http_port)


async def test_nothing_is_started_that_the_settings_do_not_name(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path, supervise=[])

    async with supervise(settings):
        assert nginx_processes(settings, "ingest") == {}


@pytest.mark.parametrize("part", ["master", "worker", "leash"])
async def test_a_part_of_nginx_that_is_killed_comes_back(
    settings: Settings, supervised: dict[str, psutil.Process], part: str
) -> None:
    supervised[part].kill()

    parts = await _all_parts(settings, instead_of=supervised[part])

    await until(lambda: is_open(settings.http_port), "the front door was open again")
    assert parts[part].pid != supervised[part].pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_nginx_dies_with_a_parent_that_is_killed(
    settings: Settings, parent: Process, number: signal.Signals
) -> None:
    parts = await _all_parts(settings)

    parent.signal(number)

    await until(lambda: not any(map(is_running, parts.values())), "nginx was gone with all its parts")


async def test_nginx_dies_with_its_parent_even_if_the_leash_is_killed_first(
    settings: Settings, parent: Process
) -> None:
    parts = await _all_parts(settings)

    parts["leash"].suspend()
    parent.kill()
    parts["leash"].kill()

    await until(lambda: not any(map(is_running, parts.values())), "nginx was gone with all its parts")


async def test_the_nginx_of_a_parent_that_was_killed_a_moment_ago_is_not_in_the_way(
    settings: Settings, parent: Process
) -> None:
    parts = await _all_parts(settings)
    parent.kill()

    async with supervise(settings):
        fresh = await _all_parts(settings, instead_of=parts["leash"])

    assert fresh["master"].pid != parts["master"].pid


async def test_an_nginx_that_was_left_behind_is_cleared_away(settings: Settings, parent: Process) -> None:
    parts = await _all_parts(settings)
    for part in ("leash", "master", "cache"):
        parts[part].suspend()
    parent.kill()
    for part in ("leash", "master", "cache"):
        parts[part].kill()
    assert is_running(parts["worker"])

    async with supervise(settings):
        await _all_parts(settings, instead_of=parts["worker"])

    assert not is_running(parts["worker"])


async def test_of_two_processes_with_one_data_folder_the_second_takes_over_when_the_first_dies(
    settings: Settings, parent: Process
) -> None:
    parts = await _all_parts(settings)

    async with supervise(settings):
        assert (await _all_parts(settings))["leash"] == parts["leash"]
        parent.kill()
        await _all_parts(settings, instead_of=parts["leash"])


@pytest.mark.parametrize("variable", ["HTTP_PORT", "RTMP_PORT", "NGINX_ADMIN_PORT"])
async def test_a_taken_port_is_one_line_with_port_variable_and_program(settings: Settings, variable: str) -> None:
    port = cast("int", getattr(settings, variable.lower()))
    with socket.create_server(("127.0.0.1", port)):
        with pytest.raises(SetupError) as refused:
            async with supervise(settings):
                pass
        with pytest.raises(SetupError) as looked:
            check_ports(settings)

    line = str(refused.value)
    assert line == str(looked.value)
    assert line.startswith(f"Port {port} is taken by ")
    assert f"(process {os.getpid()})" in line
    assert line.endswith(f"Stop it, or set {variable} to another port.")


async def test_an_address_of_another_machine_is_one_line(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path, bind_host="192.0.2.1")

    with pytest.raises(SetupError, match=r"does not have the address 192\.0\.2\.1\. Set BIND_HOST"):
        async with supervise(settings):
            pass


async def test_a_data_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    with pytest.raises(SetupError, match=r"DATA_DIR .* cannot be written: File exists"):
        async with supervise(nginx_settings(tmp_path)):
            pass
