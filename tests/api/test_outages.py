"""The API during an outage of the store."""

from pathlib import Path

import pytest

from tests.api.conftest import Browser, error_of
from tests.rig.broken_store import without_table


async def test_an_outage_returns_503_with_retry_after(
    browser: Browser, store_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with without_table(store_file, "streams"):
        answer = await browser.client.get("/api/channels/live")

    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert error_of(answer)["code"] == "unavailable"
    assert "Traceback" not in caplog.text
    assert (await browser.client.get("/api/channels/live")).status_code == 200
