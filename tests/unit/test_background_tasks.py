"""Restarting of tasks that end or fail."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from streaming_app.backend import background_tasks
from streaming_app.backend.background_tasks import EndedError, OutageError, finished_within, in_background, keep_running
from streaming_app.backend.errors import StoreUnavailableError
from tests.rig.conditions import until

DEADLINE_SECONDS = 30


async def _runs_twice(first_end: Callable[[], Awaitable[None]]) -> None:
    """Return when ``keep_running`` has restarted a task that ended in this way, and was cancelled."""
    runs: list[int] = []
    again = asyncio.Event()

    async def run() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            await first_end()
            return
        again.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(keep_running("The tester", run))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await again.wait()
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    assert runs == [0, 1]


async def test_a_failed_task_is_logged_and_restarted(caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        message = "the store is away"
        raise OSError(message)

    with caplog.at_level(logging.WARNING):
        await _runs_twice(fail)

    assert "The tester failed" in caplog.text
    assert "the store is away" in caplog.text
    assert "The tester starts again in 0.2 s" in caplog.text


async def test_a_task_that_returns_is_restarted(caplog: pytest.LogCaptureFixture) -> None:
    async def finish() -> None:
        pass

    await _runs_twice(finish)

    assert "The tester ended unexpectedly" in caplog.text


async def test_an_ended_error_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def end() -> None:
        message = "ended with 3"
        raise EndedError(message)

    await _runs_twice(end)

    assert "The tester ended with 3" in caplog.text
    assert "Traceback" not in caplog.text


async def test_a_task_that_cancels_itself_is_restarted() -> None:
    async def drop_expected_message() -> None:
        lost = asyncio.get_running_loop().create_future()
        lost.cancel()
        await lost

    await _runs_twice(drop_expected_message)


async def test_the_pause_before_a_restart_doubles(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []

    async def end() -> None:
        runs.append(len(runs))

    task = asyncio.create_task(keep_running("The tester", end))
    await until(lambda: len(runs) >= 3, "it had run three times")
    task.cancel()
    await asyncio.wait([task])

    assert "starts again in 0.2 s" in caplog.text
    assert "starts again in 0.4 s" in caplog.text


async def test_an_outage_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []

    async def fail() -> None:
        runs.append(len(runs))
        message = "cannot reach its server"
        raise OutageError(message)

    async with in_background(keep_running("The tester", fail)):
        await until(lambda: len(runs) >= 3, "it had run three times")

    assert [record.getMessage() for record in caplog.records] == [
        "The tester cannot reach its server; trying again until it answers"
    ]


async def test_an_outage_of_the_store_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []

    async def fail() -> None:
        runs.append(len(runs))
        raise StoreUnavailableError

    async with in_background(keep_running("The tester", fail)):
        await until(lambda: len(runs) >= 3, "it had run three times")

    assert [record.getMessage() for record in caplog.records] == [
        "The tester failed: the store does not answer; trying again until it answers"
    ]


async def test_an_outage_after_a_steady_run_is_logged_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background_tasks, "STEADY_SECONDS", -1.0)  # every run is long enough
    runs: list[int] = []

    async def fail() -> None:
        runs.append(len(runs))
        message = "cannot reach its server"
        raise OutageError(message)

    async with in_background(keep_running("The tester", fail)):
        await until(lambda: len(runs) >= 3, "it had run three times")

    logged = "The tester cannot reach its server; trying again until it answers"
    assert [record.getMessage() for record in caplog.records][:2] == [logged, logged]


async def test_a_background_task_has_ended_when_its_context_is_left() -> None:
    async with in_background(asyncio.Event().wait()) as task:
        assert not task.done()

    assert task.cancelled()


async def test_cleanup_of_a_cancelled_task_continues_after_a_wait_that_takes_too_long() -> None:
    started, is_clean = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            assert not await finished_within(0.01, asyncio.Event().wait())
            is_clean.set()

    async with in_background(work()):
        await started.wait()

    assert is_clean.is_set()


async def test_work_that_finishes_in_time_raises_its_own_error() -> None:
    async def fail() -> None:
        raise StoreUnavailableError

    assert await finished_within(DEADLINE_SECONDS, asyncio.sleep(0))
    with pytest.raises(StoreUnavailableError):
        await finished_within(DEADLINE_SECONDS, fail())
