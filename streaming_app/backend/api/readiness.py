"""Readiness of the web process: runs a time-limited check of each service that it depends on."""

import asyncio
from collections.abc import Collection, Mapping
from time import monotonic
from typing import Literal

from pydantic import BaseModel

from streaming_app.backend.adapters.health_probes import Probe, ProbeError, probe_disk
from streaming_app.backend.adapters.live_dir import live_dir_of
from streaming_app.backend.adapters.redis_probe import probe_redis
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.failure_causes import cause_of

CHECK_SECONDS = 1.0
"""A check that takes longer has failed."""
CACHE_SECONDS = 0.5
"""How long a report is cached, so that frequent requests do not cause frequent checks."""
VIDEO_CHECKS = frozenset({"ingest", "packager", "live_dir"})
"""The site is degraded, not failing, if only these fail: there is no video, but pages and chat work."""


class Check(BaseModel):
    """The result of one check."""

    ok: bool
    message: str = ""
    """Describes the failure."""


class HealthReport(BaseModel):
    """The results of all checks, by name."""

    status: Literal["ok", "degraded", "failing"]
    checks: dict[str, Check]


class Readiness:
    """Runs all ``probes`` concurrently. A probe that hangs is not started again until it has ended."""

    def __init__(self, probes: Mapping[str, Probe], optional: Collection[str] = VIDEO_CHECKS) -> None:
        self._probes = probes
        self._optional = optional
        self._running: dict[str, asyncio.Task[object]] = {}
        self._reporting: asyncio.Task[HealthReport] | None = None
        self._reported_at = 0.0

    async def report(self) -> HealthReport:
        """Return a new report, or the cached one."""
        reporting = self._reporting
        if reporting is None or (reporting.done() and monotonic() - self._reported_at > CACHE_SECONDS):
            reporting = self._reporting = asyncio.create_task(self._report())
        return await asyncio.shield(reporting)

    async def _report(self) -> HealthReport:
        for name in [name for name, task in self._running.items() if task.done()]:
            self._result(name)  # it ended after its report, and may say what is no longer true
        for name, probe in self._probes.items():
            if name not in self._running:
                self._running[name] = asyncio.create_task(_run(probe))
        await asyncio.wait(self._running.values(), timeout=CHECK_SECONDS)
        checks = {name: self._result(name) for name in self._probes}
        failed = {name for name, check in checks.items() if not check.ok}
        status = "failing" if failed - set(self._optional) else "degraded" if failed else "ok"
        self._reported_at = monotonic()
        return HealthReport(status=status, checks=checks)

    def _result(self, name: str) -> Check:
        task = self._running[name]
        if not task.done():
            return Check(ok=False, message=f"No answer within {CHECK_SECONDS:g} s.")
        del self._running[name]
        failure = task.exception()
        if failure is None:
            return Check(ok=True)
        words = str(failure) if isinstance(failure, ProbeError) else f"No answer: {cause_of(failure)}."
        return Check(ok=False, message=words)


def readiness_of(backend: Backend) -> Readiness:
    """Create the checks of a web process."""
    settings = backend.settings
    probes: dict[str, Probe] = {
        "store": backend.streams.live,
        "disk": probe_disk("DATA_DIR", settings.data_dir),
        "bus": backend.bus.check,
        "ingest": backend.ingest.publishers,
        "packager": backend.packager.check,
        "live_dir": probe_disk("LIVE_DIR", live_dir_of(settings)),
    }
    if settings.redis_url:
        probes["redis"] = probe_redis(settings.redis_url.get_secret_value())
    return Readiness(probes)


async def _run(probe: Probe) -> object:
    return await probe()
