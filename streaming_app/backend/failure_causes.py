"""Says in words why something failed, for operators. Class names of libraries mean nothing to them."""

import errno
import socket
import sqlite3
import ssl

from streaming_app.backend.errors import StoreUnavailableError

DISK_FULL = "the disk is full"
NO_ANSWER = "the time limit passed"

_BY_ERRNO = {
    errno.ENOSPC: DISK_FULL,
    errno.EDQUOT: DISK_FULL,
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reports errors",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files",
    errno.ECONNREFUSED: "the connection was refused",
    errno.ECONNRESET: "the connection was lost",
    errno.EPIPE: "the connection was lost",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.ENETUNREACH: "the network cannot be reached",
}
_BY_SQLITE_NAME = {
    "SQLITE_FULL": DISK_FULL,
    "SQLITE_BUSY": "another process uses the file for too long",
    "SQLITE_LOCKED": "another process uses the file for too long",
    "SQLITE_IOERR": "the disk reports errors",
    "SQLITE_CORRUPT": "the file is damaged",
    "SQLITE_NOTADB": "the file is damaged",
    "SQLITE_READONLY": "the file is read-only",
    "SQLITE_CANTOPEN": "the file cannot be opened",
}


def is_disk_full(failure: BaseException) -> bool:
    """Whether the failure says that a disk, or the user's part of it, is full."""
    return isinstance(failure, OSError) and failure.errno in {errno.ENOSPC, errno.EDQUOT}


def cause_of(failure: BaseException) -> str:
    """Return the cause in words that follow a colon.

    If the failure itself says nothing, the failures that caused it are asked. The message of an unknown failure is not
    quoted, because it may contain an address with a password.
    """
    links: BaseException | None = failure
    seen: set[int] = set()
    while links is not None and id(links) not in seen:
        seen.add(id(links))
        if words := _words_of(links):
            return words
        links = links.__cause__ or links.__context__
    # The driver of Redis has a class of its own with this name, whose subclasses are about passwords.
    if isinstance(failure, ConnectionError) or type(failure).__name__ == "ConnectionError":
        return "the connection was lost"
    return f"an error of the type {type(failure).__name__}"


def _words_of(failure: BaseException) -> str:
    words = ""
    match failure:
        case StoreUnavailableError(args=(str() as cause,)):  # its adapter knows
            words = cause
        case sqlite3.Error():
            words = _sqlite_words(failure)
        case TimeoutError():
            words = NO_ANSWER
        case socket.gaierror():
            words = "the host name is unknown"
        case ssl.SSLError():
            words = f"TLS failed ({(failure.reason or 'unknown reason').lower().replace('_', ' ')})"
        case OSError(errno=int() as number):
            words = _BY_ERRNO.get(number) or (failure.strerror or "").lower()
        case _:
            pass
    return words


def _sqlite_words(failure: sqlite3.Error) -> str:
    name = getattr(failure, "sqlite_errorname", "") or ""
    found = [words for start, words in _BY_SQLITE_NAME.items() if name.startswith(start)]
    return found[0] if found else str(failure)
