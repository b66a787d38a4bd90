"""The navigation of a group of pages, such as the settings."""

import reflex as rx

from streaming_app.components.typescript_modules import browser_function, script

_SHOW_CURRENT_ENTRY = browser_function("showCurrentEntry", script("page_group.ts"))


def page_group(label: str, entries: list[rx.Component]) -> rx.Component:
    """A navigation called ``label`` with ``entries``, which are list items with links.

    On narrow screens it scrolls sideways, and starts at the entry of the current page.
    """
    return rx.el.nav(
        rx.el.ul(*entries, role="list"),
        aria_label=label,
        class_name="settings__nav",
        custom_attrs={"ref": _SHOW_CURRENT_ENTRY},
    )
