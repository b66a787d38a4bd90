"""Handles errors of event handlers and pages: shows the user a message and writes a log line."""

import logging
import traceback
from pathlib import Path

import reflex as rx

from streaming_app.backend.errors import DomainError, StoreUnavailableError
from streaming_app.backend.request_ids import working_on
from streaming_app.backend.text_cleaning import visible_line
from streaming_app.state import toast
from streaming_app.state.event_request_ids import event_request_id

log = logging.getLogger(__name__)

STORE_UNAVAILABLE = "We're having trouble. Try again shortly."
UNEXPECTED = "Something went wrong. Reload the page and try again."
PAGE_ERROR_MAX = 300
"""Maximum length of a browser's error message in the log."""

_PACKAGE = Path(__file__).parent.parent

_seen: set[str] = set()
"""Failures whose traceback was already logged."""


def handler_failed(exception: Exception) -> rx.event.EventSpec:
    """Reflex's ``backend_exception_handler``. It logs no messages and values, because they may contain user input."""
    if isinstance(exception, DomainError):
        return toast.error(exception.public_message)
    if isinstance(exception, StoreUnavailableError):  # the store's adapter has already logged the outage
        return toast.error(STORE_UNAVAILABLE)
    stack = traceback.extract_tb(exception.__traceback__)
    ours = [frame for frame in stack if Path(frame.filename).is_relative_to(_PACKAGE)]
    what = f"{type(exception).__name__} in {_place((ours or stack)[-1]) if stack else 'an unknown place'}"
    with working_on((event_request_id(),)):  # Reflex calls this function in another task than the event's
        if ours and what not in _seen:
            _seen.add(what)
            log.error("An event failed: %s\n%s", what, "".join(traceback.format_list(stack)).rstrip())
        else:
            log.error("An event failed: %s", what)
    return toast.error(UNEXPECTED)


def page_failed(exception: Exception) -> None:
    """Reflex's ``frontend_exception_handler``: log the error that a page's script reported."""
    log.warning("A page failed in a browser: %s", visible_line(str(exception))[:PAGE_ERROR_MAX])


def _place(frame: traceback.FrameSummary) -> str:
    file = Path(frame.filename)
    name = file.relative_to(_PACKAGE.parent) if file.is_relative_to(_PACKAGE) else file.name
    return f"{name}:{frame.lineno} ({frame.name})"
