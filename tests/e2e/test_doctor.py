"""The command ``doctor`` on a running site with one web process; test_several_web_processes has more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming_app.backend.network_settings import METRICS_PORTS
from tests.rig.doctor import Report, examine
from tests.rig.metrics import scrape
from tests.rig.ports import HOST, free_ports
from tests.rig.scaled_site import ONE_PROCESS
from tests.rig.site import Site, operate, running_site

KILLS = 3


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, site_ports: dict[str, int], mail_settings: dict[str, str]
) -> Iterator[Site]:
    settings = {
        **mail_settings,
        **ONE_PROCESS,
        "METRICS_PORT": str(free_ports(METRICS_PORTS)),
        "FEED_MAX_CONNECTIONS": "100",
        "RECORDING_RESERVE": "50MB",
    }
    with running_site(tmp_path_factory.mktemp("site"), site_ports, settings) as site:
        operate(site.environment, "backup", f"{site.environment['DATA_DIR']}/backups/today")
        yield site


def until_found(site: Site, folder: Path, settings: dict[str, str], checks: set[str]) -> Report:
    """Return the first report whose faults are those of ``checks``.

    A site that has just started is not healthy yet, and on a busy machine one of its checks may be late once.
    """
    reports: list[Report] = []

    def is_found() -> bool:
        reports.append(examine(folder, settings))
        return set(reports[-1].faults) == checks

    site.process.wait_until(is_found, f"doctor found {checks or 'nothing'}")
    return reports[-1]


def test_a_healthy_site_has_no_finding(site: Site, tmp_path: Path) -> None:
    report = until_found(site, tmp_path, site.environment, set())

    assert report.exit_code == 0
    assert report.message("ports") == "All ports answer."
    assert report.message("programs") == "nginx-front, nginx-ingest, packager, packager-2, web run and answer."
    assert report.message("PUBLIC_URL") == f"The site answers at {site.url}."


def test_another_server_at_the_public_url_is_found(site: Site, tmp_path: Path) -> None:
    url = f"http://{HOST}:{site.ports['NGINX_ADMIN_PORT']}"

    report = until_found(site, tmp_path, {**site.environment, "PUBLIC_URL": url}, {"PUBLIC_URL"})

    assert report.faults == {"PUBLIC_URL": f"Something else than this site answers at {url}."}


def test_a_frozen_web_process_is_found(site: Site, tmp_path: Path) -> None:
    with site.frozen("uvicorn"):
        report = examine(tmp_path, site.environment, "--timeout", "4")
    site.wait_until_up()

    assert report.exit_code == 1
    assert report.level("health") == "wrong"
    assert report.level("programs") == "wrong", "the supervisor is frozen, too"


def test_a_program_that_is_restarted_often_is_a_warning(site: Site, tmp_path: Path) -> None:
    port = int(site.environment["METRICS_PORT"]) + 3

    def restarts() -> float:
        samples = scrape(port)
        is_up = samples.get("program_up", program="packager") == 1
        return (samples.get("program_restarts_total", program="packager") or 0) if is_up else -1

    for number in range(KILLS):
        site.process.wait_until(lambda number=number: restarts() >= number, "the packager was up")
        site.packager(1).kill()
    site.process.wait_until(lambda: restarts() >= KILLS, "the packager was up")
    site.wait_until_up()

    report = until_found(site, tmp_path, site.environment, {"packager restarts"})

    assert report.message("packager restarts") == f"packager was restarted {KILLS} times in the last hour."
