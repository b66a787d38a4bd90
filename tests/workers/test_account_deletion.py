"""The worker ``account-deletion``, which also deletes old records."""

from datetime import timedelta
from pathlib import Path

import pytest

from streaming_app.backend import retention
from streaming_app.backend.background_tasks import in_background
from streaming_app.backend.bootstrap import now, open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.workers import account_deletion
from tests.contract.stores.samples import message
from tests.rig.conditions import until_async


async def test_the_worker_deletes_chat_that_is_older_than_its_retention(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "CLOCK_STEADY", timedelta(0))
    monkeypatch.setattr(account_deletion, "RETENTION_PAUSE", timedelta(seconds=0.05))
    settings = Settings.model_validate({"data_dir": tmp_path, "supervise": [], "chat_retention": "P30D"})
    async with open_backend(settings) as backend:
        old, new = message(1, sent_at=now() - timedelta(days=31)), message(2, sent_at=now())
        await backend.store.chat_archive.add([old, new])

        async with in_background(account_deletion.run(backend)):

            async def is_deleted() -> bool:
                return await backend.store.chat_archive.recent("c-ann", 10) == [new]

            await until_async(is_deleted, "the old message was deleted")
