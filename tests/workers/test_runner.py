"""Workers fail, and go on."""

import asyncio
import logging

import pytest

from streaming_app.backend.workers.runner import keep_running


async def test_a_worker_that_fails_is_logged_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    runs: list[int] = []
    recovered = asyncio.Event()

    async def run() -> None:
        runs.append(len(runs))
        if len(runs) == 1:
            message = "the store is away"
            raise OSError(message)
        recovered.set()
        await asyncio.Event().wait()

    with caplog.at_level(logging.WARNING):
        worker = asyncio.create_task(keep_running("tester", run))
        async with asyncio.timeout(30):
            await recovered.wait()
        worker.cancel()
        await asyncio.wait([worker])

    assert worker.cancelled()
    assert runs == [0, 1]
    assert "The worker tester failed" in caplog.text
    assert "the store is away" in caplog.text


async def test_a_worker_that_ends_by_itself_is_started_again() -> None:
    runs: list[int] = []
    again = asyncio.Event()

    async def run() -> None:
        runs.append(len(runs))
        if len(runs) == 2:
            again.set()

    worker = asyncio.create_task(keep_running("tester", run))
    async with asyncio.timeout(30):
        await again.wait()
    worker.cancel()
    await asyncio.wait([worker])

    assert worker.cancelled()
