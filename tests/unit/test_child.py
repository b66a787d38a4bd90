"""One program on its leash: started again, stopped for certain, and nothing of it left behind."""

import asyncio
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from streaming_app.backend.supervisor import leash
from streaming_app.backend.supervisor.child import Child, Program
from tests.rig.conditions import until


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
    touched = tmp_path / "touched"

    ended = subprocess.run([sys.executable, leash.__file__, "1", "touch", touched], check=False)  # noqa: S603 - ours

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
