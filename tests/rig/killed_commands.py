"""Runs a command of the operator again and again, and kills it by SIGKILL one change of a file later each time.

Usage: ``python -m tests.rig.killed_commands FOLDER COMMAND ...``. Counts only changes below FOLDER. The last run is not
killed. Prints the number of kills, and exits with the exit code of the last run.
"""

import os
import signal
import sys
from itertools import count
from typing import Any

from streaming_app.backend.__main__ import main

_CHANGES = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "open"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def run_killed(folder: str, arguments: list[str]) -> tuple[int, int]:
    """Return the number of kills, and the exit code of the run that was not killed."""
    for kills in count():
        child = os.fork()
        if not child:
            _kill_this_process_at(kills, folder)
            code = main(arguments)
            sys.stdout.flush()
            os._exit(code)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            return kills, os.waitstatus_to_exitcode(status)
    raise AssertionError


def _kill_this_process_at(change: int, folder: str) -> None:
    """Kill this process right before the change of a file with this number, from 0."""
    numbers = count()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _CHANGES or not any(str(each).startswith(folder) for each in arguments[:2]):
            return
        if event == "open" and not arguments[2] & _WRITES:
            return
        if next(numbers) == change:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if __name__ == "__main__":
    killed, exit_code = run_killed(sys.argv[1], sys.argv[2:])
    print(f"killed {killed} times")  # noqa: T201
    sys.exit(exit_code)
