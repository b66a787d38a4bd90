"""The panel to pick emoji and emotes from."""

from dataclasses import dataclass
from typing import Any

import reflex as rx


@dataclass(frozen=True)
class EmojiPicker:
    """The picker of emoji. ``panel`` has attributes of the element around it."""

    state: str
    """``closed``, ``waiting`` for its code, ``ready`` or ``failed``."""
    panel: Any
    element: Any


def emoji_picker(picker: EmojiPicker, panel_id: str) -> rx.Component:
    """The panel, a popover with the id ``panel_id``."""
    return rx.el.div(
        rx.match(
            picker.state,
            ("waiting", rx.el.span(class_name="spinner", aria_hidden="true")),
            ("failed", rx.el.p("Emoji couldn't be loaded. Try again later.")),
            ("ready", rx.fragment(picker.element)),
            rx.fragment(),
        ),
        special_props=[picker.panel],
        id=panel_id,
        role="dialog",
        aria_label="Emoji",
        aria_busy=picker.state == "waiting",
        data_state=picker.state,
        custom_attrs={"popover": "auto"},
        class_name="picker",
    )
