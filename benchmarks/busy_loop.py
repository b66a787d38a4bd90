"""A program that keeps one core busy: ``python -m benchmarks.busy_loop``, until it is stopped."""

import os
import sys
from pathlib import Path

from tests.rig.processes import Process
from tests.rig.site import ROOT


def start_busy_loop(log: Path) -> Process:
    """Keep the last core busy with a process of its own."""
    return Process("busy loop", [sys.executable, "-m", "benchmarks.busy_loop"], log, folder=ROOT)


def main() -> None:
    """Run until stopped."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    while True:
        pass


if __name__ == "__main__":
    main()
