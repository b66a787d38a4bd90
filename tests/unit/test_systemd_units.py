"""The systemd units in ``deploy/``, checked by systemd itself."""

import subprocess
from pathlib import Path

import pytest

from tests.rig.site import ROOT

INSTALLED = "/opt/streaming_app"
UNITS = sorted((ROOT / "deploy").glob("*.service")) + sorted((ROOT / "deploy").glob("*.timer"))


def complaints(unit: Path) -> str:
    """Return what systemd says about a unit; nothing if it is right. What it says about other units is left out."""
    command = ["systemd-analyze", "verify", str(unit)]
    ran = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own
    return "\n".join(line for line in ran.stderr.splitlines() if unit.name in line)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_unit(unit: Path, tmp_path: Path) -> None:
    for each in UNITS:  # a timer needs its service
        (tmp_path / each.name).write_text(each.read_text(encoding="utf-8").replace(INSTALLED, str(ROOT)), "utf-8")

    assert complaints(tmp_path / unit.name) == ""


def test_mistakes_of_other_units_of_the_machine_do_not_count(tmp_path: Path) -> None:
    wrong, right = tmp_path / "wrong.service", tmp_path / "right.service"
    wrong.write_text("[Service]\nExecStart=/bin/true\nNoSuchKey=1\n", encoding="utf-8")
    right.write_text("[Unit]\nWants=wrong.service\n[Service]\nExecStart=/bin/true\n", encoding="utf-8")

    assert complaints(right) == ""


def test_systemd_refuses_a_unit_with_a_mistake(tmp_path: Path) -> None:
    unit = tmp_path / "wrong.service"
    unit.write_text("[Service]\nExecStart=/no/such/program\n", encoding="utf-8")

    assert "/no/such/program" in complaints(unit)
