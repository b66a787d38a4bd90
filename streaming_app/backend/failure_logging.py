"""Logs failures: an outage of the store, the bus or the disk in one line, everything else with its traceback."""

import logging

from streaming_app.backend.errors import BusUnavailableError, StoreUnavailableError
from streaming_app.backend.failure_causes import DISK_FULL, is_disk_full


def log_failure(log: logging.Logger, failure: BaseException, message: str, *words: object) -> None:
    """Log ``message % words`` and ``failure``. An outage has no traceback: it is no mistake of the program."""
    if outage := outage_of(failure):
        log.warning(f"{message}: %s", *words, outage, extra={"cause": outage})  # noqa: G004 - the message is a constant of the caller
    else:
        log.error(message, *words, exc_info=failure)


def outage_of(failure: BaseException) -> str:
    """Describe the outage that ``failure`` reports. Return an empty string if it reports anything else.

    A group of exceptions is an outage if all its exceptions are.
    """
    match failure:
        case StoreUnavailableError():
            return "the store does not answer"
        case BusUnavailableError():
            return "the bus does not accept events"
        case OSError() if is_disk_full(failure):
            return DISK_FULL
        case BaseExceptionGroup(exceptions=parts):
            outages = {outage_of(part) for part in parts}
            return "" if "" in outages else " and ".join(sorted(outages))
        case _:
            return ""
