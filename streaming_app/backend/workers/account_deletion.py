"""Deletes the accounts whose owners asked for it, after ``ACCOUNT_DELETION_DELAY``."""

from datetime import timedelta

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.periodic import run_periodically

PAUSE = timedelta(seconds=5)


async def run(backend: Backend) -> None:
    """Delete until cancelled."""
    await run_periodically("The deletion of accounts", PAUSE, backend.account_data.eraser.run_once)
