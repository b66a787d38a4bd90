"""How an orchestrator, a supervisor or Ctrl-C ends a process, or has it start anew."""

import asyncio
import signal


def shutdown_event() -> asyncio.Event:
    """Set once this process is told to end, by SIGTERM or SIGINT; from now on neither ends it by itself."""
    return _event_for(signal.SIGTERM, signal.SIGINT)


def reload_event() -> asyncio.Event:
    """Set whenever this process gets SIGHUP; clear it to hear of the next one."""
    return _event_for(signal.SIGHUP)


def _event_for(*numbers: signal.Signals) -> asyncio.Event:
    told = asyncio.Event()
    for number in numbers:
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told
