"""The navigation of a group of pages, such as the settings."""

import reflex as rx

from streaming_app.components.typescript_modules import script


class PageGroup(rx.Component):
    """A navigation called ``label``. On narrow screens it starts at the entry of the current page."""

    library = script("page_group.tsx")
    tag = "PageGroup"
    label: rx.Var[str]


def page_group(label: str, entries: list[rx.Component]) -> rx.Component:
    """The navigation with its ``entries``, which are list items with links."""
    return PageGroup.create(rx.el.ul(*entries, role="list"), label=label)
