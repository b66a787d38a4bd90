"""Finds out whether the site of a DATA_DIR runs on this machine, without changing anything."""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from streaming_app.backend.adapters.file_lock import SUPERVISOR_LOCK, WEB_LOCK
from streaming_app.backend.config import Settings
from streaming_app.backend.supervisor.tcp_ports import PROC, listening_pids

START_TIME_FIELD = 19
"""Index in ``/proc/<pid>/stat`` of the time since boot, counted after the program's name."""


@dataclass(frozen=True, slots=True)
class RunningSite:
    """What is known of the running site; ``user`` and ``started_at`` are of its web process."""

    is_running: bool
    has_supervisor: bool = False
    user: int | None = None
    started_at: float | None = None


def find_running_site(settings: Settings) -> RunningSite:
    """Return the running site. It is recognized by the locks of its supervisor and its web process."""
    has_supervisor = _is_locked(settings.data_dir / SUPERVISOR_LOCK)
    if not has_supervisor and not _is_locked(settings.data_dir / WEB_LOCK):
        return RunningSite(is_running=False)
    for pid in sorted(listening_pids(settings.web_port)):
        with suppress(OSError, ValueError):
            user = (PROC / str(pid)).stat().st_uid
            return RunningSite(is_running=True, has_supervisor=has_supervisor, user=user, started_at=_started_at(pid))
    return RunningSite(is_running=True, has_supervisor=has_supervisor)


def _is_locked(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            # A shared lock that is given back at once: other instances of this command do not count as a site.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _started_at(pid: int) -> float:
    fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    booted = next(
        int(line.split()[1]) for line in (PROC / "stat").read_text().splitlines() if line.startswith("btime ")
    )
    return booted + int(fields[START_TIME_FIELD]) / os.sysconf("SC_CLK_TCK")
