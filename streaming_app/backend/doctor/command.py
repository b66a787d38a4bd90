"""The command line of ``doctor``."""

import argparse
import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from math import inf
from pathlib import Path

import uvloop

from streaming_app.backend.config import Settings, check_processes, read_settings
from streaming_app.backend.doctor import processes
from streaming_app.backend.doctor.backup_age import check_backups
from streaming_app.backend.doctor.certificate import check_certificate
from streaming_app.backend.doctor.checkup import CHECK_SECONDS, REQUEST_SHARE, in_thread, run_checks
from streaming_app.backend.doctor.findings import Check, Finding, Level, ok, refused
from streaming_app.backend.doctor.folders import check_data_dir, check_live_dir, check_secret_key
from streaming_app.backend.doctor.programs import check_ffmpeg, check_nginx, check_open_files, check_user
from streaming_app.backend.doctor.public_url import check_public_url
from streaming_app.backend.doctor.running_site import RunningSite, find_running_site
from streaming_app.backend.doctor.served_certificate import check_served_certificate
from streaming_app.backend.doctor.services import check_kafka, check_redis, check_smtp
from streaming_app.backend.doctor.stores import check_store
from streaming_app.backend.errors import SetupError

DESCRIPTION = """Check an installation, whether the site runs or not, and print one line for each check: "ok",
"warning" or "wrong", what is wrong, and how to correct it. Nothing is changed, no mail is sent, and no secret is
printed. Run it as the user of the site, with its settings. The exit code is 1 if something is wrong, otherwise 0."""
USERS = {"nginx": "nginx", "ffmpeg": "packager"}
"""Which supervised program needs which program of the machine."""
LEVELS: tuple[Level, ...] = ("wrong", "warning", "ok")


def add_doctor_command(add_parser: Callable[..., argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = add_parser(
        "doctor", help="check the installation and say what to correct (docs/operating.md)", description=DESCRIPTION
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument("--backups", type=Path, metavar="FOLDER", help="folder that contains the backups")
    parser.add_argument(
        "--timeout",
        type=_seconds,
        metavar="SECONDS",
        default=CHECK_SECONDS,
        help="how long a check may take, more on a slow machine (default: %(default)g)",
    )


def _seconds(text: str) -> float:
    if not 0 < (seconds := float(text)) < inf:
        raise ValueError(text)
    return seconds


def run_doctor(wanted: argparse.Namespace) -> int:
    """Print the findings and return the exit code."""
    logging.disable()  # what goes wrong is printed as a finding
    findings = uvloop.run(examine(wanted.backups, wanted.timeout))
    result = next(level for level in LEVELS if level == "ok" or any(each.level == level for each in findings))
    if wanted.json:
        print(json.dumps({"result": result, "checks": [asdict(each) for each in findings]}, indent=2))
    else:
        _print(findings)
    return int(result == "wrong")


async def examine(backups: Path | None, check_seconds: float) -> list[Finding]:
    """Run all checks. If the settings are invalid, only those that need none."""
    request_seconds = check_seconds * REQUEST_SHARE
    machine: dict[str, Check] = {"nginx": check_nginx, "ffmpeg": partial(check_ffmpeg, request_seconds)}
    try:
        settings = read_settings()
    except SetupError as invalid:
        nobody = RunningSite(is_running=False)
        needed = {**machine, "user": partial(check_user, nobody)}
        return [*refused("settings", invalid), *await run_checks(needed, check_seconds)]
    site = RunningSite(is_running=False)
    with suppress(TimeoutError):  # DATA_DIR does not answer, as its own check will say
        async with asyncio.timeout(check_seconds):
            site = await in_thread(lambda: find_running_site(settings))
    checks = _checks(settings, site, backups, request_seconds)
    needed = {name: machine[name] for name, user in USERS.items() if user in settings.supervise}
    return [*_check_settings(settings), *await run_checks({**needed, **checks}, check_seconds)]


def _check_settings(settings: Settings) -> list[Finding]:
    try:
        check_processes(settings)
    except SetupError as incomplete:
        return refused("settings", incomplete)
    return ok("settings", "The settings are valid.")


def _checks(settings: Settings, site: RunningSite, backups: Path | None, request_seconds: float) -> dict[str, Check]:
    return {
        "user": partial(check_user, site),
        "open files": partial(check_open_files, settings),
        "DATA_DIR": partial(check_data_dir, settings),
        "LIVE_DIR": partial(check_live_dir, settings),
        "secret key": partial(check_secret_key, settings),
        "ports": partial(processes.check_ports, settings, site, request_seconds),
        "upstreams": partial(processes.check_upstreams, settings, request_seconds),
        "health": partial(processes.check_health, settings, site, request_seconds),
        "programs": partial(processes.check_programs, settings, site, request_seconds),
        "code": partial(processes.check_code, site),
        "store": partial(check_store, settings, site, request_seconds),
        "Kafka": partial(check_kafka, settings),
        "Redis": partial(check_redis, settings),
        "certificate": partial(check_certificate, settings),
        "served certificate": partial(check_served_certificate, settings, site),
        "PUBLIC_URL": partial(check_public_url, settings, site, request_seconds),
        "mail": partial(check_smtp, settings, request_seconds),
        "backups": partial(check_backups, settings, backups),
    }


def _print(findings: Sequence[Finding]) -> None:
    width = max(len(each.check) for each in findings)
    for each in findings:
        print(f"{each.level:<7}  {each.check:<{width}}  {f'{each.message} {each.fix}'.strip()}")
    counts = {level: sum(each.level == level for each in findings) for level in LEVELS}
    print(", ".join(f"{count} {level}" for level, count in counts.items()))
