"""A second start of the site."""

import sys
from pathlib import Path

from tests.rig.processes import Process
from tests.rig.site import ROOT, Site


def test_a_second_start_reuses_the_built_pages(site: Site, tmp_path: Path) -> None:
    environment = {**site.environment, "REFLEX_TELEMETRY_ENABLED": "false"}  # as in scripts/run.sh
    command = [sys.executable, "scripts/build_pages.py"]

    again = Process("build_pages", command, tmp_path / "log", environment=environment, folder=ROOT)

    assert again.wait_until_ended() == 0
    assert again.output() == "The pages are built already.\n"
