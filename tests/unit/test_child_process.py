"""A supervised program: restarts, stopping, detection of hangs, and no remaining processes."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from streaming_app.backend.background_tasks import EndedError, keep_running
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.subprocess_environment import plain_environment
from streaming_app.backend.supervisor import Supervisor, child_process, liveness
from streaming_app.backend.supervisor.child_process import UPDATE_SECONDS, Child, Program
from streaming_app.backend.supervisor.liveness import HealthCheck
from streaming_app.backend.supervisor.programs import notifying_programs, programs_of
from tests.rig.conditions import until
from tests.rig.metrics import Growth, current
from tests.rig.nginx import is_running


async def answer() -> None:
    """A health check that always succeeds."""


async def never() -> None:
    """A health check that always fails."""
    await asyncio.Event().wait()


def child_of(folder: Path, command: Sequence[str], ask: HealthCheck = answer) -> Child:
    log = folder / "tester.log"
    return Child(Program("tester", lambda: command, ask, plain_environment(), folder, log))


def said(folder: Path) -> list[str]:
    log = folder / "tester.log"
    return log.read_text().splitlines() if log.exists() else []


@asynccontextmanager
async def running(child: Child) -> AsyncGenerator[None]:
    """Keep the child running while the block runs."""
    task = asyncio.create_task(keep_running("The tester", child.run))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_a_program_that_never_answers_is_restarted_when_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(child_process, "START_SECONDS", 0.01)
    child = child_of(tmp_path, ["sleep", "60"], never)

    async with running(child):
        await until(lambda: caplog.text.count("The tester gave no answer within 0 s of its start") >= 2, "it restarted")


def test_programs_that_may_update_the_store_have_an_hour_for_their_start(tmp_path: Path) -> None:
    kafka = {"mongo_url": "mongodb://127.0.0.1/site", "kafka_bootstrap_servers": "127.0.0.1:9092"}
    settings = Settings.model_validate({"data_dir": tmp_path, "secret_key": "k" * 40, "feed": "own", **kafka})
    signs = {name: liveness.WatchdogSocket() for name in notifying_programs(settings)}

    programs = programs_of(settings, signs, with_web=True)

    patient = {program.name for program in programs if program.start_seconds == UPDATE_SECONDS}
    assert patient == {program.name for program in programs if program.runs_site_code}
    assert len(patient) == len(programs) - 4, "all but two of nginx and two packagers"


async def test_a_failing_program_is_restarted_repeatedly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    growth = Growth()
    child = child_of(tmp_path, ["/bin/sh", "-c", "echo it broke >&2; exit 3"])

    async with running(child):
        await until(lambda: caplog.text.count("The tester ended with 3") >= 3, "it was started three times")

    assert child.last_log_line() == "it broke"
    assert growth.of("program_restarts_total", program="tester") >= 2
    assert current().get("program_up", program="tester") == 0


async def test_a_planned_restart_is_not_counted(tmp_path: Path) -> None:
    program = Program("follower", lambda: ["sleep", "600"], answer, plain_environment(), tmp_path, runs_site_code=True)
    supervisor = Supervisor()

    def is_up() -> bool:
        return current().get("program_up", program="follower") == 1

    try:
        await supervisor.start([program])
        await until(is_up, "it was up")
        await supervisor.restart_code()
        await until(is_up, "it was up again")
    finally:
        await supervisor.stop()

    assert current().get("program_restarts_total", program="follower") == 0


async def test_programs_that_replace_each_other_are_restarted_one_after_the_other(tmp_path: Path) -> None:
    may_answer = asyncio.Event()
    may_answer.set()
    starts: list[str] = []

    async def answer_if_allowed() -> None:
        await may_answer.wait()

    def program(name: str, health_check: HealthCheck) -> Program:
        def start() -> Sequence[str]:
            starts.append(name)
            return ["sleep", "600"]

        return Program(
            name, start, health_check, plain_environment(), tmp_path, runs_site_code=True, restarts_in_turn=True
        )

    supervisor = Supervisor()
    try:
        await supervisor.start([program("web", answer_if_allowed), program("web-2", answer)])
        await until(lambda: current().get("program_up", program="web-2") == 1, "both were up")
        starts.clear()
        may_answer.clear()
        reloading = asyncio.create_task(supervisor.restart_code())
        await until(lambda: starts == ["web"], "the first one was started again")
        assert current().get("program_up", program="web-2") == 1, "the second one runs until the first one answers"
        may_answer.set()
        await until(lambda: starts == ["web", "web-2"], "the second one was started again")
        await reloading
    finally:
        await supervisor.stop()


async def test_new_code_that_does_not_start_replaces_one_program_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    right, wrong = "exec sleep 600", "echo wrong syntax; exit 1"
    code = [right]

    async def answer_if_right() -> None:
        await (answer if code[-1] == right else never)()

    programs = [
        Program(
            name,
            lambda: ["/bin/sh", "-c", code[-1]],
            answer_if_right,
            plain_environment(),
            tmp_path,
            log=tmp_path / f"{name}.log",
            runs_site_code=True,
            restarts_in_turn=True,
        )
        for name in ("web", "web-2")
    ]
    supervisor = Supervisor()
    try:
        await supervisor.start(programs)
        await until(lambda: current().get("program_up", program="web-2") == 1, "both were up")
        code.append(wrong)
        await supervisor.restart_code()

        assert "web does not start with the new code, so others keep the old: wrong syntax" in caplog.text
        assert current().get("program_up", program="web-2") == 1
        await supervisor.restart_code()
        assert current().get("program_up", program="web-2") == 1, "the one that answers is not the next to be stopped"
        code.append(right)
        await until(lambda: current().get("program_up", program="web") == 1, "the first one was tried again")
    finally:
        await supervisor.stop()


async def test_a_failed_preparation_is_reported_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def prepare() -> Sequence[str]:
        raise SetupError("Its port is taken.")

    program = Program("tester", prepare, answer, plain_environment(), tmp_path)

    async with running(Child(program)):
        await until(lambda: "The tester cannot be started: Its port is taken." in caplog.text, "it was tried")

    assert "Traceback" not in caplog.text


async def test_a_program_that_exits_before_it_is_ready_has_its_output_as_the_reason(tmp_path: Path) -> None:
    child = child_of(tmp_path, ["/bin/sh", "-c", "echo no such file; exit 1"], never)

    with pytest.raises(EndedError, match="ended with 1"):
        await child.run()

    assert child.started.result() == "no such file"


async def test_a_program_killed_before_it_is_ready_is_restarted(tmp_path: Path) -> None:
    child = child_of(tmp_path, ["/bin/sh", "-c", "kill -9 $$"], never)

    with pytest.raises(EndedError, match="was killed by SIGKILL"):
        await child.run()

    assert not child.started.done()


async def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(os.getpid(), flush=True);"
        " time.sleep(600)"
    )

    async with running(child_of(tmp_path, [sys.executable, "-c", deaf])):
        await until(lambda: bool(said(tmp_path)), "it was deaf")

    assert not psutil.pid_exists(int(said(tmp_path)[0]))


async def test_a_program_that_stops_answering_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(liveness, "ROUND_SECONDS", 0.1)
    answers = [answer, answer]

    async def answer_twice() -> None:
        await (answers.pop() if answers else never)()

    child = child_of(tmp_path, ["/bin/sh", "-c", "echo $$; sleep 600 & echo $!; wait"], answer_twice)

    with pytest.raises(EndedError, match="gave no answer for 15 s"):
        await child.run()

    for pid in said(tmp_path):
        await until(lambda pid=pid: not psutil.pid_exists(int(pid)), "it was gone")


async def test_a_program_that_answers_late_is_not_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "ROUND_SECONDS", 0.05)
    asked: list[int] = []

    async def answer_late() -> None:
        asked.append(len(asked))
        await asyncio.sleep(3.5 * liveness.ROUND_SECONDS)

    hanging = asyncio.create_task(liveness.wait_until_unresponsive(answer_late))
    await until(lambda: len(asked) >= 4, "it had been asked four times")
    assert not hanging.done()
    hanging.cancel()


async def test_processes_started_by_a_program_end_with_it(tmp_path: Path) -> None:
    child = child_of(tmp_path, ["/bin/sh", "-c", "sleep 600 & echo $!"])

    with pytest.raises(EndedError, match="ended with 0"):
        await child.run()

    left_behind = psutil.Process(int(said(tmp_path)[0])) if psutil.pid_exists(int(said(tmp_path)[0])) else None
    await until(lambda: left_behind is None or not is_running(left_behind), "what it left behind had ended")
