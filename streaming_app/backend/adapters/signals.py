"""How an orchestrator, a supervisor or Ctrl-C ends a process."""

import asyncio
import signal


def told_to_stop() -> asyncio.Event:
    """Set once this process is told to end, by SIGTERM or SIGINT; from now on neither ends it by itself."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told
