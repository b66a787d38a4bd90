"""Steps of the clock of all processes of the site, by libfaketime. Clocks of Kafka, MongoDB and Redis stay right.

The monotonic clock is not changed, as in a real step.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = Path("/usr/lib").glob("*/faketime/libfaketime.so.1")
CACHE_SECONDS = 1
"""How often a process reads the file with the offset."""
STEP_SECONDS = 3600
PYTHON_FIX = """import select, time
time.sleep = lambda seconds: select.select([], [], [], seconds)
"""
"""``time.sleep`` waits until an absolute time, which libfaketime 0.9.10 converts wrongly: it fails at once."""
STARTER = "setpriv"
"""The program with which the supervisor starts each of its programs."""


@dataclass(frozen=True, slots=True)
class SiteClock:
    """The clock of the site's processes."""

    offset_file: Path
    environment: dict[str, str]
    """Environment of the supervisor."""

    def set_offset(self, seconds: int) -> None:
        """Set how far the clock is ahead of the right time. The processes notice it within ``CACHE_SECONDS``."""
        new = self.offset_file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n", encoding="ascii")
        new.rename(self.offset_file)


def site_clock(folder: Path) -> SiteClock | None:
    """Return a clock that is right at first; ``None`` if libfaketime is not installed.

    Programs without secrets get a minimal environment from the supervisor. A script in place of ``setpriv``, which
    starts them all, adds the variables of libfaketime.
    """
    library, starter = next(LIBRARIES, None), shutil.which(STARTER)
    if library is None or starter is None:
        return None
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(PYTHON_FIX, encoding="utf-8")
    variables = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(folder / "offset"),
        "FAKETIME_CACHE_DURATION": str(CACHE_SECONDS),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # otherwise threads that wait for Python's lock try again without a pause
    }
    script = folder / STARTER
    assignments = " ".join(f"{name}='{value}'" for name, value in variables.items())
    assignments += f' PYTHONPATH="{folder}${{PYTHONPATH:+:$PYTHONPATH}}"'
    script.write_text(f'#!/bin/sh\nexec env {assignments} {starter} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    path = os.environ.get("PATH", os.defpath)  # noqa: TID251 - of this process, to extend it
    clock = SiteClock(folder / "offset", {**variables, "PYTHONPATH": str(folder), "PATH": f"{folder}:{path}"})
    clock.set_offset(0)
    return clock
