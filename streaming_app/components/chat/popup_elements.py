"""Elements for the menus, panels and dialogs that open over the chat without a request to the server."""

from typing import Any

import reflex as rx
from reflex.event import EventType

from streaming_app.components.chat.browser_state import close_panel_on_escape, set_ui
from streaming_app.components.typescript_modules import browser_function, script

_LIBRARY = script("chat/popup_elements.tsx")


class Menu(rx.Component):
    """A popover beside a button. Its child is an element with the role ``menu``."""

    library = _LIBRARY
    tag = "Menu"
    anchor: rx.Var[str]
    """CSS selector of the button that the menu is placed beside."""
    on_close: rx.EventHandler[rx.event.no_args_event_spec]


def menu(*items: rx.Component, anchor: str, label: str, on_close: EventType[()]) -> rx.Component:
    """A menu beside the button with the CSS selector ``anchor``."""
    content = rx.el.div(*items, role="menu", aria_label=label, class_name="popup")
    return Menu.create(content, anchor=anchor, on_close=on_close, class_name="popup__veil")


def panel(*children: rx.Component, label: str) -> rx.Component:
    """A panel over the messages. It takes the focus, and Escape closes it."""
    return rx.el.section(
        *children,
        aria_label=label,
        tab_index=-1,
        custom_attrs={"ref": browser_function("takeFocus", _LIBRARY), "onKeyDown": close_panel_on_escape},
        class_name="panel-over",
    )


def modal_form(*children: rx.Component, label: str, on_submit: Any) -> rx.Component:
    """The modal dialog for the question in ``browser_state.ui``. Its children are the content of its form."""
    close = set_ui(question=None)
    return rx.el.dialog(
        rx.el.form(*children, on_submit=[on_submit, close], class_name="confirm-dialog__content"),
        aria_label=label,
        custom_attrs={"ref": browser_function("showModal", _LIBRARY), "closedby": "any", "onCancel": close},
        class_name="confirm-dialog",
    )


def menu_item(
    icon: str, label: str | rx.Component, on_click: EventType[Any], *, danger: bool = False, **props: Any
) -> rx.Component:
    """An item of a menu."""
    attributes: dict[str, Any] = {"type": "button", "role": "menuitem", "tab_index": -1, **props}
    return rx.el.button(
        rx.icon(icon), label, on_click=on_click, class_name="menu__item", data_danger=danger, **attributes
    )


def menu_separator() -> rx.Component:
    """A line between two groups of items."""
    return rx.el.hr(class_name="menu__rule")
