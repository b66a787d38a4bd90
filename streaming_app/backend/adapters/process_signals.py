"""Signals by which a process manager or Ctrl-C stops or reloads a process."""

import asyncio
import os
import signal


def shutdown_event() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set. From now on these signals no longer end the process themselves."""
    return _event_for(signal.SIGTERM, signal.SIGINT)


def drain_event() -> asyncio.Event:
    """Return an event that SIGTERM sets in a process of the web server uvicorn, which then stops as usual.

    uvicorn tells an application that it stops only after the last running request has ended. It handles SIGINT and
    SIGTERM in the same way, so the handler of SIGTERM passes the signal on as SIGINT.
    """
    received = asyncio.Event()

    def drain() -> None:
        if received.is_set():
            return  # a second SIGINT would skip the shutdown of the application
        received.set()
        os.kill(os.getpid(), signal.SIGINT)

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, drain)
    return received


def reload_event() -> asyncio.Event:
    """Return an event that SIGHUP sets. Clear it to detect the next SIGHUP."""
    return _event_for(signal.SIGHUP)


def _event_for(*numbers: signal.Signals) -> asyncio.Event:
    received = asyncio.Event()
    for number in numbers:
        asyncio.get_running_loop().add_signal_handler(number, received.set)
    return received
