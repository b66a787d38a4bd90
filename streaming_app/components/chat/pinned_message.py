"""The message pinned above the chat. It shows two lines; a longer one has a button to expand it (chat.css)."""

from typing import Any

import reflex as rx

from streaming_app.components.chat.browser_state import set_ui, ui
from streaming_app.components.chat.chat_row import Line, chat_name, message_text
from streaming_app.components.chat.menu_actions import moderate
from streaming_app.components.typescript_modules import browser_hook, script
from streaming_app.state.chat import ChatState
from streaming_app.state.session import SessionState


def pinned_message(channel_id: str, path: str) -> rx.Component:
    """The pinned message of the channel, if there is one. ``path`` is the URL path of the channel's feed."""
    pinned = _pinned(channel_id, path)
    is_open: Any = ui.pin_is_open
    tab_index: Any = rx.cond(is_open, 0, None)  # an expanded text may scroll
    toggle = rx.el.button(
        rx.cond(is_open, rx.icon("chevron-up"), rx.icon("chevron-down")),
        type="button",
        on_click=set_ui(pin_is_open=~is_open),
        aria_expanded=is_open,
        aria_label=rx.cond(is_open, "Collapse pinned message", "Expand pinned message"),
        class_name="btn btn--icon btn--sm pin__toggle",
    )
    unpin = rx.el.button(
        rx.icon("pin-off"),
        type="button",
        on_click=moderate(channel_id, "unpin", message_id=pinned.id),
        aria_label="Unpin",
        title="Unpin",
        class_name="btn btn--icon btn--sm",
    )
    message = rx.el.section(
        rx.icon("pin", class_name="pin__icon"),
        rx.el.div(
            chat_name(pinned.name, pinned.hue),
            rx.el.span(message_text(pinned.parts), class_name="chat__text"),
            role="group",
            aria_label="Text of the pinned message",
            tab_index=tab_index,
            class_name="pin__text",
        ),
        rx.cond(ChatState.is_moderator, unpin),
        toggle,
        aria_label="Pinned message",
        data_open=is_open,
        class_name="pin",
    )
    return rx.cond(pinned, message)


def _pinned(channel_id: str, path: str) -> Any:
    library = script("chat/shown_lines.ts")
    return browser_hook("pinnedMessage", "usePinned", Line, library, path, channel_id, SessionState.username)
