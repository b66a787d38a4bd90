"""The systemd units in ``deploy/``, checked by systemd itself."""

import subprocess
from pathlib import Path

import pytest

from tests.rig.site import ROOT

INSTALLED = "/opt/streaming_app"
UNITS = sorted((ROOT / "deploy").glob("*.service")) + sorted((ROOT / "deploy").glob("*.timer"))


def complaints(unit: Path) -> str:
    """Return what systemd says about a unit; nothing if it is right."""
    command = ["systemd-analyze", "verify", str(unit)]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False).stderr  # noqa: S603 - our own


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    for each in UNITS:  # a timer needs its service
        (tmp_path / each.name).write_text(each.read_text(encoding="utf-8").replace(INSTALLED, str(ROOT)), "utf-8")

    assert complaints(tmp_path / unit.name) == ""


def test_systemd_refuses_a_unit_with_a_mistake(tmp_path: Path) -> None:
    unit = tmp_path / "wrong.service"
    unit.write_text("[Service]\nExecStart=/no/such/program\n", encoding="utf-8")

    assert "/no/such/program" in complaints(unit)
