"""Checks the ports and processes of the site, whether it runs or not."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from time import time

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from streaming_app.backend.adapters.metrics.definitions import PREFIX
from streaming_app.backend.adapters.metrics.endpoint import metrics_port
from streaming_app.backend.adapters.web_processes import addresses, name_of, web_processes_of
from streaming_app.backend.api.readiness import VIDEO_CHECKS, HealthReport
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.checkup import in_thread
from streaming_app.backend.doctor.findings import Finding, ok, refused, warning, wrong
from streaming_app.backend.doctor.running_site import RunningSite
from streaming_app.backend.errors import SetupError
from streaming_app.backend.failure_causes import cause_of
from streaming_app.backend.network_settings import LOCAL
from streaming_app.backend.supervisor.programs import ROOT, wanted_ports
from streaming_app.backend.supervisor.tcp_ports import PortCheck

LOGS = "DATA_DIR/nginx/logs"
READ_LOG = f"Read its log in {LOGS} or in the journal."
RESTARTS_MIN = 3
RESTARTS_PER_HOUR = 1.0
"""A program that was restarted more often than this, and at least ``RESTARTS_MIN`` times, is not healthy."""
CLOCK_TOLERANCE_SECONDS = 2.0
"""How much later than its program a file must be to count as changed: the kernel's start times are not exact."""


async def check_ports(settings: Settings, site: RunningSite, timeout_seconds: float) -> Sequence[Finding]:
    """Check that all ports answer if the site runs, and that they are free otherwise."""
    wanted = wanted_ports(settings, with_web=True)
    if site.is_running:
        answers = await asyncio.gather(*(_answers(port, timeout_seconds) for port in wanted))
        silent = sorted({(port.setting, port.port) for port, has in zip(wanted, answers, strict=True) if not has})
        where = f"Read the logs in {LOGS}, and start the site again if it is not starting."
        found = [each for name, port in silent for each in wrong(name, f"Nothing answers on port {port}.", where)]
        return found or ok("ports", "All ports answer.")
    results = await in_thread(lambda: [_taken(port) for port in wanted])
    taken = {each.check: each for found in results for each in found}
    return list(taken.values()) or ok("ports", "The site does not run, and all its ports are free.")


def _taken(wanted: PortCheck) -> list[Finding]:
    try:
        return [] if wanted.is_free() else refused(wanted.setting, wanted.taken_error())
    except SetupError as unusable:
        return refused(wanted.setting, unusable)


async def _answers(wanted: PortCheck, timeout_seconds: float) -> bool:
    every = ip_address(wanted.host).is_unspecified
    host = wanted.host if not every else "::1" if ":" in wanted.host else LOCAL
    return await _accepts(host, wanted.port, timeout_seconds)


async def _accepts(host: str, port: int, timeout_seconds: float) -> bool:
    try:
        async with asyncio.timeout(timeout_seconds):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def check_health(settings: Settings, site: RunningSite, timeout_seconds: float) -> Sequence[Finding]:
    """Ask each web process for its health checks."""
    if not site.is_running:
        return ok("health", "The site does not run.")
    every = await asyncio.gather(
        *(
            _health_of(web, name_of(web).replace("web", "health", 1), timeout_seconds)
            for web in web_processes_of(settings)
        )
    )
    whose = "The web process answers" if len(every) == 1 else f"All {len(every)} web processes answer"
    return [finding for found in every for finding in found] or ok("health", f"{whose}, and the checks succeed.")


async def _health_of(settings: Settings, name: str, timeout_seconds: float) -> Sequence[Finding]:
    logs = "Read the log of the web process."
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=timeout_seconds) as client:
            answer = await client.get(
                httpx.URL(scheme="http", host=settings.own_internal_host, port=settings.web_port, path="/api/health")
            )
        report = HealthReport.model_validate_json(answer.content)
    except httpx.HTTPError as failed:
        return wrong(name, f"The web process does not answer ({cause_of(failed)}).", logs)
    except ValidationError:
        return wrong(name, f"Another program than the site answers on port {settings.web_port}.", "Stop it.")
    failures = {name: check.message for name, check in report.checks.items() if not check.ok}
    return [
        Finding(
            f"{name}: {check}",
            "warning" if check in VIDEO_CHECKS else "wrong",
            f"The web process reports: {words}",
            "Look at the other lines, or read the log of the web process.",
        )
        for check, words in failures.items()
    ]


async def check_upstreams(settings: Settings, timeout_seconds: float) -> Sequence[Finding]:
    """Check that all addresses in WEB_UPSTREAMS and FEED_UPSTREAMS answer."""
    wanted = [
        (setting, *address.rsplit(":", 1))
        for setting, servers in (("WEB_UPSTREAMS", settings.web_upstreams), ("FEED_UPSTREAMS", settings.feed_upstreams))
        for address in addresses(servers)
    ]
    if not wanted:
        return ok("upstreams", "Neither WEB_UPSTREAMS nor FEED_UPSTREAMS is set.")
    answers = await asyncio.gather(
        *(_accepts(host.strip("[]"), int(port), timeout_seconds) for _, host, port in wanted)
    )
    start = "Start the process there, correct its address, or open the port for this machine."
    found = [
        finding
        for (setting, host, port), has in zip(wanted, answers, strict=True)
        if not has
        for finding in wrong(setting, f"Nothing answers at {host}:{port}.", start)
    ]
    return found or ok("upstreams", "All web processes and feeds on other machines answer.")


async def check_programs(settings: Settings, site: RunningSite, timeout_seconds: float) -> Sequence[Finding]:
    """Ask the supervisor which programs it runs, and how often it has restarted them."""
    if not site.has_supervisor:
        return ok("programs", "No supervisor runs.")
    if not settings.metrics_port:
        return ok("programs", "The supervisor serves no metrics (METRICS_PORT=0), so restarts are not known.")
    port = metrics_port(settings, "supervisor")
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=timeout_seconds) as client:
            answer = await client.get(httpx.URL(scheme="http", host=settings.metrics_host, port=port, path="/metrics"))
        metrics = {metric.name: metric for metric in text_string_to_metric_families(answer.raise_for_status().text)}
    except (httpx.HTTPError, ValueError) as failed:
        return wrong(
            "programs",
            f"The supervisor does not answer on port {port} ({cause_of(failed)}).",
            "Read its log: another program may have the port, or the site is starting.",
        )
    up = dict(sorted(_by_program(metrics, "up").items()))
    found = [
        *(
            each
            for name in up
            if not up[name]
            for each in wrong(name, f"{name} does not run, or does not answer.", READ_LOG)
        ),
        *find_restarts(metrics, time()),
    ]
    return found or ok("programs", f"{', '.join(up)} run and answer.")


def find_restarts(metrics: Mapping[str, Metric], at: float) -> list[Finding]:
    """Find programs that the supervisor has often restarted. ``metrics`` are its metrics at the time ``at``."""
    start = metrics.get("process_start_time_seconds")
    seconds = at - start.samples[0].value if start else 0.0
    hours = max(round(seconds / 3600), 1)
    length = "hour" if hours == 1 else f"{hours} hours"
    return [
        finding
        for name, count in _by_program(metrics, "restarts").items()
        if count >= RESTARTS_MIN and count / hours > RESTARTS_PER_HOUR
        for finding in warning(
            f"{name} restarts", f"{name} was restarted {count:.0f} times in the last {length}.", READ_LOG
        )
    ]


def _by_program(metrics: Mapping[str, Metric], name: str) -> dict[str, float]:
    metric = metrics.get(f"{PREFIX}_program_{name}")
    samples = metric.samples if metric else ()
    return {sample.labels["program"]: sample.value for sample in samples}


async def check_code(site: RunningSite) -> Sequence[Finding]:
    """Check that the web process runs the code that is on the disk."""
    if site.started_at is None:
        return ok("code", "No web process of this site was found.")
    changed = await in_thread(lambda: max(_changed_at(file) for file in (ROOT / "streaming_app").rglob("*.py")))
    if changed > site.started_at + CLOCK_TOLERANCE_SECONDS:
        return warning(
            "code",
            "The files of the program are newer than the running web process.",
            "Run: systemctl reload streaming_app, or send SIGHUP to the supervisor.",
        )
    return ok("code", "The web process runs the code that is installed.")


def _changed_at(file: Path) -> float:
    with suppress(OSError):
        return file.stat().st_mtime
    return 0.0
