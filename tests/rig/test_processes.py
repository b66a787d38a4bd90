import os
import signal
import subprocess
import sys
import time
from collections import deque
from pathlib import Path

import pytest

from tests.rig.ports import HOST, free_port, free_ports, is_open
from tests.rig.processes import Process, ProcessFailedError, running

PROJECT = Path(__file__).parents[2]


def python(*lines: str) -> list[str]:
    return [sys.executable, "-u", "-c", "\n".join(lines)]


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_free_ports_are_free_and_unique() -> None:
    ports = [free_port() for _ in range(20)]

    assert len(set(ports)) == 20
    assert not any(map(is_open, ports))


def test_blocks_of_free_ports_do_not_overlap() -> None:
    blocks = [free_ports(count) for count in (40, 30, 40, 30)]

    ports = {
        port for first, count in zip(blocks, (40, 30, 40, 30), strict=True) for port in range(first, first + count)
    }
    assert len(ports) == 140


def test_there_is_always_another_block_of_free_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.rig.ports._given_blocks", deque())  # the blocks of other tests stay remembered

    assert all(free_ports(100) for _ in range(20))


def test_a_server_is_ready_when_started_and_stopped_at_the_end(tmp_path: Path) -> None:
    port = free_port()
    server = Process("server", [sys.executable, "-m", "http.server", str(port), "--bind", HOST], tmp_path / "log")

    server.wait_until_listening(port)
    server.stop()

    assert not is_open(port)
    assert server.exit_code == -signal.SIGTERM
    assert server not in running


def test_the_output_of_a_failed_process_is_in_the_error(tmp_path: Path) -> None:
    broken = Process("broken", python("print('no such table')", "raise SystemExit(3)"), tmp_path / "log")

    with pytest.raises(ProcessFailedError, match=r"(?s)broken ended with 3 before it said 'ready'.*no such table"):
        broken.wait_until_said("ready")
    broken.stop()


def test_a_process_that_never_gets_ready_is_an_error_with_its_output(tmp_path: Path) -> None:
    slow = Process("slow", python("import time", "print('still thinking')", "time.sleep(600)"), tmp_path / "log")
    slow.wait_until_said("still thinking")

    with pytest.raises(ProcessFailedError, match=r"(?s)slow took longer than 0\.1 s until it said 'ready'.*thinking"):
        slow.wait_until_said("ready", deadline_seconds=0.1)
    slow.stop()


def test_stopping_ends_children_even_if_they_ignore_sigterm(tmp_path: Path) -> None:
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('child up'); time.sleep(600)"
    program = python("import subprocess, sys", f"subprocess.run([sys.executable, '-u', '-c', {child!r}])")
    parent = Process("parent", program, tmp_path / "log")
    parent.wait_until_said("child up")
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()

    parent.stop()

    assert len(children) == 1
    wait_until_gone(int(children[0]))


def test_no_process_survives_a_killed_test_run(tmp_path: Path) -> None:
    program = f"""
import time
from collections import deque
from pathlib import Path
from tests.rig.processes import Process
print(Process("sleeper", ["sleep", "600"], Path({str(tmp_path / "sleeper.log")!r})).pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=PROJECT) as test_run:
        assert test_run.stdout is not None
        sleeper = int(test_run.stdout.readline())
        assert is_alive(sleeper)

        os.kill(test_run.pid, signal.SIGKILL)

    wait_until_gone(sleeper)
