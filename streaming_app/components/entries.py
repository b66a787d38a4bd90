"""Lists of entries, such as users, bans, or the entries of a log."""

from collections.abc import Callable
from typing import Any

import reflex as rx


def entry_list(items: list[Any], entry: Callable[[Any], rx.Component], none: str, **props: Any) -> rx.Component:
    """An ``entry`` for each item; the text ``none`` if there are no items. ``props`` go to that text."""
    return rx.cond(
        rx.Var.create(items).length() > 0,
        rx.el.ul(rx.foreach(items, entry), class_name="entries", role="list"),
        rx.el.p(none, class_name="entries__none", **props),
    )


def more_button(label: str, on_click: rx.event.EventType[()], *, shown: bool) -> rx.Component:
    """The button below a list that loads its next page, if it is ``shown``."""
    return rx.cond(
        shown,
        rx.el.button(label, type="button", on_click=on_click, class_name="btn btn--secondary entries__more"),
    )
