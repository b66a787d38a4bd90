"""What a handler that fails leaves behind: a word to the person who waits for it, and a line in the log."""

import logging
import traceback
from pathlib import Path

import reflex as rx

from streaming_app.backend.errors import DomainError, StoreUnavailableError
from streaming_app.backend.text import visible_line

log = logging.getLogger(__name__)

STORE_IS_AWAY = "We're having trouble. Try again shortly."
UNEXPECTED = "Something went wrong. Reload the page and try again."
PAGE_ERROR_MAX = 300
"""Characters of what a browser reports that reach the log."""

_PACKAGE = Path(__file__).parent.parent

_seen: set[str] = set()
"""The failures whose traceback the log has already."""


def handler_failed(exception: Exception) -> rx.event.EventSpec:
    """Reflex's ``backend_exception_handler``. The log gets neither messages nor values: they may be someone's input."""
    if isinstance(exception, DomainError):
        return rx.toast.error(exception.public_message)
    if isinstance(exception, StoreUnavailableError):  # the store's adapter has said so, once
        return rx.toast.error(STORE_IS_AWAY)
    stack = traceback.extract_tb(exception.__traceback__)
    ours = [frame for frame in stack if Path(frame.filename).is_relative_to(_PACKAGE)]
    what = f"{type(exception).__name__} in {_place((ours or stack)[-1]) if stack else 'an unknown place'}"
    if ours and what not in _seen:
        _seen.add(what)
        log.error("An event failed: %s\n%s", what, "".join(traceback.format_list(stack)).rstrip())
    else:
        log.error("An event failed: %s", what)
    return rx.toast.error(UNEXPECTED)


def page_failed(exception: Exception) -> None:
    """Reflex's ``frontend_exception_handler``: a page's script failed in a browser, which says how."""
    log.warning("A page failed in a browser: %s", visible_line(str(exception))[:PAGE_ERROR_MAX])


def _place(frame: traceback.FrameSummary) -> str:
    file = Path(frame.filename)
    name = file.relative_to(_PACKAGE.parent) if file.is_relative_to(_PACKAGE) else file.name
    return f"{name}:{frame.lineno} ({frame.name})"
