"""Deletes accounts whose owners asked for it, after ``ACCOUNT_DELETION_DELAY``, and records that are old."""

import asyncio
from datetime import timedelta
from time import monotonic

from streaming_app.backend.bootstrap import Backend, now
from streaming_app.backend.periodic import run_periodically
from streaming_app.backend.retention import Retention

PAUSE = timedelta(seconds=5)
RETENTION_PAUSE = timedelta(minutes=10)


async def run(backend: Backend) -> None:
    """Delete until cancelled."""
    retention = Retention(backend.store.old_records, backend.settings.chat_retention, now, monotonic)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_periodically("The deletion of accounts", PAUSE, backend.account_data.eraser.run_once))
        tasks.create_task(run_periodically("The deletion of old records", RETENTION_PAUSE, retention.run_once))
