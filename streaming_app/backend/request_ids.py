"""The id of the request that a task works on: it is in every log line, and travels with events over the bus."""

import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

HEADER = "x-request-id"
"""HTTP header with the id, which nginx sets."""
IDS_MAX = 20
"""Maximum number of ids in a log line about a batch of events."""

_VALID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_ids: ContextVar[tuple[str, ...]] = ContextVar("request_ids", default=())


def current_request_ids() -> tuple[str, ...]:
    """Return the ids that the current task works on; several if it handles a batch of events."""
    return _ids.get()


def current_request_id() -> str:
    """Return the id that the current task works on; empty if there is none, or if there are several."""
    ids = _ids.get()
    return ids[0] if len(ids) == 1 else ""


def valid_request_id(given: str) -> str:
    """Return ``given`` if it is a valid id, otherwise an empty text."""
    return given if _VALID.fullmatch(given) else ""


def new_request_id() -> str:
    """Return a new id, in the form in which nginx makes them."""
    return uuid4().hex


def bind_request_id(request_id: str) -> None:
    """Let the current task work on ``request_id`` until it ends."""
    _ids.set((request_id,) if request_id else ())


@contextmanager
def working_on(request_ids: Iterable[str]) -> Generator[None]:
    """Let the current task work on ``request_ids`` while the context is open. Empty ids are ignored."""
    token = _ids.set(tuple(dict.fromkeys(each for each in request_ids if each))[:IDS_MAX])
    try:
        yield
    finally:
        _ids.reset(token)
