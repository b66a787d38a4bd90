"""Liveness and readiness: failing services are reported by name."""

import asyncio
from pathlib import Path

import httpx
import pytest

from streaming_app.backend.adapters import health_probes
from streaming_app.backend.adapters.redis_probe import probe_redis
from streaming_app.backend.api import readiness
from streaming_app.backend.api.app import create_api
from streaming_app.backend.api.readiness import Readiness
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.workers.runner import run_embedded
from tests.api.conftest import ORIGIN, Browser
from tests.rig.broken_store import without_table
from tests.rig.redis import Redis


async def test_a_process_is_alive_before_it_is_ready() -> None:
    transport = httpx.ASGITransport(create_api())

    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        assert (await client.get("/api/live")).status_code == 204
        assert (await client.get("/api/health")).status_code == 503


async def test_a_failing_ingest_or_packager_is_degraded_and_not_unavailable(browser: Browser, backend: Backend) -> None:
    async with run_embedded(backend):
        answer = await browser.client.get("/api/health")

    report = answer.json()
    assert answer.status_code == 200
    assert report["status"] == "degraded"
    assert {name for name, check in report["checks"].items() if not check["ok"]} == {"ingest", "packager"}
    assert report["checks"]["store"] == {"ok": True, "message": ""}
    assert answer.headers["cache-control"] == "no-store"


async def test_a_failing_store_is_named(browser: Browser, backend: Backend, store_file: Path) -> None:
    async with run_embedded(backend):
        with without_table(store_file, "streams"):
            answer = await browser.client.get("/api/health")

    assert answer.status_code == 503
    assert answer.json()["checks"]["store"] == {"ok": False, "message": "No answer: no such table: streams."}


async def test_the_bus_fails_when_chat_is_not_archived(browser: Browser) -> None:
    answer = await browser.client.get("/api/health")

    assert answer.status_code == 503
    assert answer.json()["checks"]["bus"]["ok"] is False


async def test_a_full_disk_is_named_with_the_free_space(
    browser: Browser, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_probes, "FREE_MIN_BYTES", 1 << 60)

    async with run_embedded(backend):
        answer = await browser.client.get("/api/health")

    assert answer.status_code == 503
    assert "The disk of DATA_DIR is full" in answer.json()["checks"]["disk"]["message"]


async def test_a_killed_or_frozen_redis_is_named(own_redis: Redis) -> None:
    checks = Readiness({"redis": probe_redis(own_redis.url)})

    assert (await checks.report()).status == "ok"
    with own_redis.frozen():
        frozen = await _fresh(checks)
    own_redis.kill()
    killed = await _fresh(checks)
    while killed.startswith("No answer within"):  # the process that hung may notice last
        killed = await _fresh(checks)
    own_redis.start()

    assert frozen == "No answer within 1 s."
    assert killed in {"No answer: the connection was refused.", "No answer: the connection was lost."}
    assert (await Readiness({"redis": probe_redis(own_redis.url)}).report()).status == "ok"


async def test_a_hanging_check_does_not_delay_reports_and_is_not_started_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(readiness, "CACHE_SECONDS", -1.0)
    started = 0
    go_on = asyncio.Event()

    async def hang() -> None:
        nonlocal started
        started += 1
        await go_on.wait()

    checks = Readiness({"store": hang, "bus": _fine})
    for _ in range(3):
        report = await checks.report()
        assert report.status == "failing"
        assert report.checks["bus"].ok
        assert report.checks["store"].message == "No answer within 0.01 s."
    go_on.set()

    assert started == 1


async def test_a_check_that_failed_after_its_report_is_repeated_for_the_next_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readiness, "CHECK_SECONDS", 0.01)
    monkeypatch.setattr(readiness, "CACHE_SECONDS", -1.0)
    go_on, has_failed = asyncio.Event(), asyncio.Event()

    async def fail_late_once() -> None:
        if not has_failed.is_set():
            await go_on.wait()
            has_failed.set()
            raise ConnectionRefusedError

    checks = Readiness({"bus": fail_late_once})
    assert (await checks.report()).status == "failing"
    go_on.set()
    await has_failed.wait()

    assert (await checks.report()).status == "ok"


async def test_concurrent_requests_share_one_report() -> None:
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1

    checks = Readiness({"store": count})
    await asyncio.gather(*(checks.report() for _ in range(50)))

    assert asked == 1


async def _fine() -> None:
    """Readiness with one check, of a working service."""


async def _fresh(checks: Readiness) -> str:
    """Return the message of the only check; empty if it passes."""
    checks._reported_at = -1e9  # pyright: ignore[reportPrivateUsage] - not the report of a moment ago
    [check] = (await checks.report()).checks.values()
    return check.message
