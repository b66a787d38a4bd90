"""Events that ask the page to run a function by its name, for what only a browser can do.

The functions are in ``components/page_commands.tsx``. Reflex's ``rx.call_script`` and ``rx.toast`` send a script that
the page evaluates, which the Content-Security-Policy forbids (decision 53).
"""

import inspect
from typing import cast

import reflex as rx
from reflex.event import EventCallback, EventHandler
from reflex_base.utils.format import format_event_handler

COMMANDS_ID = "page-commands"
"""Id of the component that receives the commands."""


def run_in_page(command: str, *arguments: str | int, answer: EventCallback[str] | None = None) -> rx.event.EventSpec:
    """Run the function ``command`` of the page; ``answer`` is the event that then receives its result, a string."""
    value = {"command": command, "arguments": list(arguments), "answer": _address(answer) if answer else []}
    return rx.set_value(COMMANDS_ID, value)


def focus_first_error() -> rx.event.EventSpec:
    """Focus the first field with an error of the form. The typed values stay in the browser's inputs."""
    return run_in_page("focusFirstError")


def reset_form(form_id: str) -> rx.event.EventSpec:
    """Reset every input to the value that the page was rendered with, after the typed values were saved."""
    return run_in_page("resetForm", form_id)


def keep_focus() -> rx.event.EventSpec:
    """Keep the keyboard focus in the main area if the button that was pressed has disappeared."""
    return run_in_page("keepFocus")


def copy_text(text: str, notice: str, answer: EventCallback[str]) -> rx.event.EventSpec:
    """Copy ``text`` to the clipboard. ``answer`` receives ``notice``, or "" if the browser blocked it."""
    return run_in_page("copyText", text, notice, answer=answer)


def _address(event: EventCallback[str]) -> list[str]:
    """Return the full name of an event and the name of its argument."""
    handler = cast("EventHandler", event)  # pyright sees the decorator's type, which describes calls
    _, argument = inspect.signature(handler.fn).parameters
    return [format_event_handler(handler), argument]
