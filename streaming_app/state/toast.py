"""Short messages at the top of the page that disappear by themselves. Use these instead of ``rx.toast``."""

import reflex as rx

from streaming_app.state.page_commands import run_in_page


def success(text: str) -> rx.event.EventSpec:
    """Show that an action succeeded."""
    return run_in_page("toastSuccess", text)


def error(text: str) -> rx.event.EventSpec:
    """Show that an action failed, and why."""
    return run_in_page("toastError", text)
