"""What the web process starts: it runs, it comes back, it never outlives us; what is in the way is said in one line."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import psutil
import pytest

from streaming_app.backend import supervisor
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.supervisor import check_ports, supervise
from streaming_app.backend.supervisor.child import Child, Program
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
def parent(settings: Settings, tmp_path: Path) -> Process:
    """A process of its own that supervises, up and running."""
    command = [sys.executable, "-c", PARENT, settings.model_dump_json()]
    process = Process("parent", command, tmp_path / "parent.log", folder=ROOT)
    process.wait_until_said("up")
    return process


@pytest.fixture
async def supervised(settings: Settings) -> AsyncIterator[dict[str, psutil.Process]]:
    async with supervise(settings):
        yield await _all_parts(settings)


async def _all_parts(settings: Settings, *, instead_of: psutil.Process | None = None) -> dict[str, psutil.Process]:
    """The processes of nginx, once all are there; ``instead_of`` is one that must have been replaced."""
    found: dict[str, psutil.Process] = {}

    def complete() -> bool:
        found.clear()
        found.update(nginx_processes(settings))
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
        assert nginx_processes(settings) == {}


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
    parent.kill_group()


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


async def test_a_program_that_cannot_run_is_started_again_and_again_with_pauses(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    child = Child(Program("broken", tmp_path / "broken.log", lambda: ["/bin/sh", "-c", "echo it broke >&2; exit 3"]))

    await child.start()
    task = asyncio.create_task(child.keep_running())
    await until(lambda: caplog.text.count("broken ended with 3") >= 3, "it was started three times")
    task.cancel()
    await child.stop()

    assert "starting it again in 0.2 s" in caplog.text
    assert "starting it again in 0.4 s" in caplog.text
    assert child.last_words() == "it broke"


async def test_a_program_that_does_not_listen_is_stopped_for_certain(tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    child = Child(Program("deaf", tmp_path / "deaf.log", lambda: [sys.executable, "-c", deaf]))
    await child.start()
    await until(lambda: child.last_words() == "deaf", "it was deaf")

    await child.stop()

    assert child.pid is None


async def test_what_a_program_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    child = Child(Program("leaver", tmp_path / "leaver.log", lambda: ["/bin/sh", "-c", "sleep 600 & echo $!"]))

    await child.start()
    await until(lambda: child.pid is None, "it had ended")

    left_behind = int(child.last_words())
    await until(lambda: not psutil.pid_exists(left_behind), "what it left behind had ended")


def test_a_leash_whose_parent_is_gone_already_starts_nothing(tmp_path: Path) -> None:
    leash = ROOT / "streaming_app/backend/supervisor/leash.py"
    touched = tmp_path / "touched"

    ended = subprocess.run([sys.executable, leash, "1", "touch", touched], check=False)  # noqa: S603

    assert ended.returncode == 1
    assert not touched.exists()


async def test_a_large_log_is_put_aside_before_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "talker.log"
    log.write_bytes(b"x" * 6_000_000)
    child = Child(Program("talker", log, lambda: ["/bin/echo", "hello"]))

    await child.start()
    await until(lambda: child.pid is None, "it had ended")

    assert log.read_text() == "hello\n"
    assert log.with_name("talker.log.1").stat().st_size == 6_000_000
