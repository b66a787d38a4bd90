"""The supervisor: starting, restarting and stopping of programs, and one-line errors at start."""

import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import psutil
import pytest

from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.settings_environment import as_environment
from streaming_app.backend.supervisor import FOR_WEB_PROCESS, MODULE, supervise
from tests.rig.conditions import until
from tests.rig.nginx import is_running, nginx_processes, nginx_settings
from tests.rig.ports import is_open
from tests.rig.processes import Process

ROOT = Path(__file__).parents[2]
PARTS = {"master", "worker", "cache"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return nginx_settings(tmp_path, supervise=["nginx"])


@pytest.fixture
def parent(settings: Settings, tmp_path: Path) -> Iterator[Process]:
    """The guard process of a supervisor that runs only nginx, as under ``reflex run``."""
    process = _supervisor(settings, tmp_path / "parent.log")
    process.wait_until(lambda: nginx_processes(settings, "ingest").keys() == PARTS, "nginx ran")
    yield process
    process.kill_group()


def _supervisor(settings: Settings, log: Path) -> Process:
    command = [sys.executable, "-m", MODULE, FOR_WEB_PROCESS, str(os.getpid())]
    return Process("supervisor", command, log, environment=as_environment(settings, with_secrets=True), folder=ROOT)


def _supervisor_of(guard: Process) -> psutil.Process:
    [supervisor] = psutil.Process(guard.pid).children()
    return supervisor


@pytest.fixture
async def supervised(settings: Settings) -> AsyncIterator[dict[str, psutil.Process]]:
    async with supervise(settings):
        yield await _all_parts(settings)


async def _all_parts(settings: Settings, *, instead_of: psutil.Process | None = None) -> dict[str, psutil.Process]:
    """Return the processes of nginx when all are running and ``instead_of`` was replaced."""
    found: dict[str, psutil.Process] = {}

    def complete() -> bool:
        found.clear()
        found.update(nginx_processes(settings, "ingest"))
        return found.keys() == PARTS and instead_of not in found.values()

    await until(complete, "nginx ran with all its parts")
    return found


async def test_nginx_runs_only_while_the_context_is_open(settings: Settings) -> None:
    async with supervise(settings):
        parts = await _all_parts(settings)
        assert is_open(settings.http_port)
        assert is_open(settings.rtmp_port)

    assert not any(is_running(process) for process in parts.values())
    assert not is_open(settings.http_port)


async def test_only_configured_programs_are_started(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path, supervise=[])

    async with supervise(settings):
        assert nginx_processes(settings, "ingest") == {}


@pytest.mark.parametrize("part", ["master", "worker"])
async def test_a_killed_nginx_is_restarted(
    settings: Settings, supervised: dict[str, psutil.Process], part: str
) -> None:
    supervised[part].kill()

    parts = await _all_parts(settings, instead_of=supervised[part])

    await until(lambda: is_open(settings.http_port), "the front door was open again")
    assert parts[part].pid != supervised[part].pid


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_no_process_outlives_a_killed_supervisor(
    settings: Settings, parent: Process, number: signal.Signals
) -> None:
    parts = await _all_parts(settings)

    _supervisor_of(parent).send_signal(number)

    await until(lambda: not any(map(is_running, parts.values())), "nginx was gone with all its parts")
    assert parent.wait_until_ended() == (0 if number == signal.SIGTERM else 128 + number)


async def test_frozen_programs_do_not_outlive_a_killed_supervisor(settings: Settings, parent: Process) -> None:
    parts = await _all_parts(settings)
    for part in parts.values():
        part.suspend()

    _supervisor_of(parent).kill()

    await until(lambda: not any(map(is_running, parts.values())), "nginx was gone with all its parts")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_no_process_outlives_the_guard(settings: Settings, parent: Process, number: signal.Signals) -> None:
    everyone = [_supervisor_of(parent), *(await _all_parts(settings)).values()]

    parent.signal(number)

    await until(lambda: not any(map(is_running, everyone)), "all were gone")


async def test_a_hanging_supervisor_ends_at_the_second_signal(settings: Settings, parent: Process) -> None:
    parts = await _all_parts(settings)
    _supervisor_of(parent).suspend()

    parent.signal(signal.SIGTERM)
    parent.signal(signal.SIGINT)

    parent.wait_until_ended()
    assert not any(map(is_running, parts.values()))


async def test_a_supervisor_starts_although_the_nginx_of_a_killed_one_still_runs(
    settings: Settings, parent: Process
) -> None:
    parts = await _all_parts(settings)
    _supervisor_of(parent).kill()

    async with supervise(settings):
        fresh = await _all_parts(settings, instead_of=parts["master"])

    assert fresh["master"].pid != parts["master"].pid


async def test_an_abandoned_nginx_is_stopped(settings: Settings, parent: Process) -> None:
    parts = await _all_parts(settings)
    supervisor = _supervisor_of(parent)
    for process in (supervisor, parts["master"], parts["cache"]):
        process.suspend()
    parent.kill()
    for process in (supervisor, parts["master"], parts["cache"]):
        process.kill()
    assert is_running(parts["worker"])

    async with supervise(settings):
        await _all_parts(settings, instead_of=parts["worker"])

    assert not is_running(parts["worker"])


async def test_a_second_supervisor_of_a_data_folder_takes_over_when_the_first_ends(
    settings: Settings, parent: Process, tmp_path: Path
) -> None:
    parts = await _all_parts(settings)
    second = _supervisor(settings, tmp_path / "second.log")

    try:
        assert (await _all_parts(settings))["master"] == parts["master"]
        _supervisor_of(parent).kill()
        await _all_parts(settings, instead_of=parts["master"])
    finally:
        second.stop()


async def test_children_that_process_untrusted_input_get_no_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "k" * 40)
    settings = nginx_settings(tmp_path, supervise=["nginx", "packager"], secret_key="k" * 40)

    async with supervise(settings):
        await until(lambda: is_open(settings.packager_port), "the packager ran")
        children = psutil.Process().children(recursive=True)
        environments = [child.environ() for child in children if str(tmp_path) in " ".join(child.cmdline())]
        environments += [child.environ() for child in children if "streaming_app.backend.packager" in child.cmdline()]

    assert len(environments) == 4, "two nginx, the packager and its standby"
    assert not any("k" * 40 in environment.values() for environment in environments)


@pytest.mark.parametrize("variable", ["HTTP_PORT", "RTMP_PORT", "NGINX_ADMIN_PORT"])
async def test_a_port_in_use_is_reported_with_port_variable_and_program(settings: Settings, variable: str) -> None:
    port = cast("int", getattr(settings, variable.lower()))
    with socket.create_server(("127.0.0.1", port)), pytest.raises(SetupError) as refused:
        async with supervise(settings):
            pass

    line = str(refused.value)
    assert line.startswith(f"Port {port} is taken by ")
    assert f"(process {os.getpid()})" in line
    assert line.endswith(f"Stop it, or set {variable} to another port.")


async def test_an_address_of_another_machine_is_reported_in_one_line(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path, bind_host="192.0.2.1")

    with pytest.raises(SetupError, match=r"does not have the address 192\.0\.2\.1\. Set BIND_HOST"):
        async with supervise(settings):
            pass


def test_a_data_folder_that_cannot_be_created_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")

    supervisor = _supervisor(nginx_settings(tmp_path), tmp_path / "log")

    assert supervisor.wait_until_ended() == 1
    [line] = supervisor.output().splitlines()
    assert line == f"DATA_DIR {tmp_path}/data cannot be written: File exists."
