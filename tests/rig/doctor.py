"""Runs the command ``doctor`` as an operator does, and reads what it has found."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streaming_app.backend.config import Settings

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 60
"""How long a check may take: much longer than for operators, because the machine of the tests is busy."""
OF_THE_MACHINE = {"LIVE_DIR speed", "LIVE_DIR inodes", "DATA_DIR inodes"}
"""Checks whose warnings depend on the disk on which the tests run."""


@dataclass(frozen=True, slots=True)
class Report:
    """The output of one run."""

    exit_code: int
    result: str
    findings: list[dict[str, str]]

    def level(self, check: str) -> str:
        """Return the level of a check: "ok", "warning" or "wrong"."""
        return self._finding(check)["level"]

    def message(self, check: str) -> str:
        return self._finding(check)["message"]

    def fix(self, check: str) -> str:
        return self._finding(check)["fix"]

    @property
    def faults(self) -> dict[str, str]:
        """The messages of all findings that are not "ok", except for those about root and the disk of the tests."""
        return {
            each["check"]: each["message"]
            for each in self.findings
            if each["level"] != "ok"
            and not (each["check"] == "user" and os.geteuid() == 0)
            and not (each["check"] in OF_THE_MACHINE and each["level"] == "warning")
        }

    def _finding(self, check: str) -> dict[str, str]:
        [found] = [each for each in self.findings if each["check"] == check]
        return found


def run_doctor(
    folder: Path, settings: Mapping[str, str], *words: str, before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run the command in ``folder``, below the command ``before``."""
    names = {name.upper() for name in Settings.model_fields}
    environment = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [*before, sys.executable, "-m", "streaming_app.backend", "doctor", "--timeout", str(TIMEOUT_SECONDS), *words],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def examine(folder: Path, settings: Mapping[str, str], *words: str, before: Sequence[str] = ()) -> Report:
    """Run the command with ``--json`` and return its report."""
    ran = run_doctor(folder, settings, "--json", *words, before=before)
    assert ran.stderr == ""
    found = json.loads(ran.stdout)
    return Report(ran.returncode, found["result"], found["checks"])


def with_tmpfs(folder: Path, options: str) -> list[str]:
    """Return a command that runs another one with a new tmpfs in ``folder``, which only that command sees."""
    folder.mkdir(parents=True, exist_ok=True)
    as_root = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    script = 'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"'
    return ["unshare", "--mount", *as_root, "sh", "-c", script, "sh", options, str(folder)]
