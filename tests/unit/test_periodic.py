"""Periodic actions and their failures."""

import asyncio
import logging
from datetime import timedelta

import pytest

from streaming_app.backend.errors import StoreUnavailableError
from streaming_app.backend.periodic import run_periodically
from tests.rig.conditions import until

AT_ONCE = timedelta(0)


class Action:
    """An action that raises each of ``failures`` in turn. ``None`` is a success, and so are all later calls."""

    def __init__(self, *failures: Exception | None) -> None:
        self.calls = 0
        self._failures = list(failures)

    async def __call__(self) -> None:
        self.calls += 1
        if self._failures and (failure := self._failures.pop(0)):
            raise failure


async def _run(action: Action, calls: int) -> None:
    task = asyncio.create_task(run_periodically("The action", AT_ONCE, action))
    await until(lambda: action.calls >= calls, "it was called")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_failure_does_not_end_the_loop() -> None:
    action = Action(OSError("disk"), RuntimeError("fault"), KeyError("key"))

    await _run(action, calls=5)

    assert action.calls >= 5


async def test_a_lasting_failure_and_its_end_are_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    await _run(Action(OSError("disk"), OSError("disk"), OSError("disk")), calls=5)

    assert [record.getMessage() for record in caplog.records] == [
        "The action failed and is tried again every 0 s",
        "The action works again after 3 failures",
    ]


async def test_a_different_consecutive_failure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    await _run(Action(OSError("disk"), OSError("disk"), ValueError("fault")), calls=4)

    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [OSError, ValueError]


async def test_an_outage_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    await _run(Action(StoreUnavailableError(), StoreUnavailableError()), calls=4)

    assert [record.getMessage() for record in caplog.records] == [
        "The action failed and is tried again every 0 s: the store does not answer"
    ]
    assert "Traceback" not in caplog.text


async def test_an_event_wakes_the_loop_early() -> None:
    action, wake = Action(), asyncio.Event()
    task = asyncio.create_task(run_periodically("The action", timedelta(hours=1), action, wake))
    await until(lambda: action.calls == 1, "it was called")

    wake.set()

    await until(lambda: action.calls == 2, "it was called again")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
