"""The menu of a message: some items for everyone, more for moderators."""

from typing import Any

import reflex as rx

from streaming_app.components.chat.browser_state import Message, mute, set_ui, ui
from streaming_app.components.chat.menu_actions import moderate
from streaming_app.components.chat.popup_elements import menu, menu_item, menu_separator
from streaming_app.components.feed.feed_part import feed_part
from streaming_app.state.chat import ROLE_RANKS, TIMEOUT_CHOICES, ChatState
from streaming_app.state.session import SessionState

_RANKS = rx.Var.create(ROLE_RANKS)


def message_menu(channel_id: str, path: str) -> rx.Component:
    """The menu of the message in ``browser_state.ui``. ``path`` is the URL path of the channel's feed.

    The menu only offers the actions that the viewer may use; the server checks each action again.
    """
    message = ui.opened
    is_own: Any = message.name.lower() == SessionState.username.lower()
    their_role: Any = rx.cond(message.role, message.role, "viewer")  # the feed sends no role for viewers
    is_below = is_own | (_RANKS[ChatState.role] > _RANKS[their_role])
    opened = menu(
        rx.cond(SessionState.username != "", _answers(channel_id, message, is_own)),
        menu_item("copy", "Copy text", [], data_copy=message.text),
        rx.cond(is_own, None, menu_item("eye-off", f"Mute {message.name}", mute.partial(message.name))),
        rx.cond(
            ChatState.is_moderator,
            rx.fragment(
                menu_separator(),
                _pin(channel_id, path, message),
                rx.cond(
                    is_below,
                    menu_item(
                        "trash-2",
                        "Delete message",
                        moderate(channel_id, "delete", name=message.name, message_id=message.id),
                        danger=True,
                    ),
                ),
                rx.cond(is_below & ~is_own, _about_chatter(channel_id, path, message)),
            ),
        ),
        anchor=f"[data-message='{message.id}'] .chat__act",
        label=message.name,
        on_close=set_ui(opened=None),
    )
    return rx.cond(ui.opened, opened)


def _answers(channel_id: str, message: Message, is_own: rx.Var[bool]) -> rx.Component:
    report: Any = ChatState.report(channel_id, message.id)
    return rx.fragment(
        menu_item("reply", "Reply", set_ui(reply=message)),
        rx.cond(is_own, None, menu_item("at-sign", f"Mention {message.name}", set_ui(mention={"name": message.name}))),
        rx.cond(is_own, None, menu_item("flag", "Report message", report)),
    )


def _pin(channel_id: str, path: str, message: Message) -> rx.Component:
    pinned: Message = feed_part(path, "pinned", Message)
    return rx.cond(
        pinned.id == message.id,
        menu_item("pin-off", "Unpin message", moderate(channel_id, "unpin", message_id=message.id)),
        menu_item("pin", "Pin message", moderate(channel_id, "pin", name=message.name, message_id=message.id)),
    )


def _about_chatter(channel_id: str, path: str, message: Message) -> rx.Component:
    chatters = feed_part(path, "chatters", dict[str, dict[str, bool]])
    name = message.name
    return rx.fragment(
        menu_item("eraser", "Delete all messages", _ask("clear", name), danger=True),
        menu_separator(),
        rx.el.div(
            rx.el.span(rx.icon("clock"), "Time out", class_name="popup__of"),
            rx.el.span(
                *[
                    _choice(
                        label,
                        f"Time out for {label}",
                        moderate(channel_id, "timeout", name=name, minutes=minutes),
                    )
                    for label, minutes in TIMEOUT_CHOICES
                ],
                _choice("…", "Time out for a custom time", _ask("timeout", name)),
                class_name="popup__choices",
            ),
            role="group",
            aria_label="Time out",
            class_name="popup__row",
        ),
        rx.cond(
            chatters[name]["isBanned"],
            menu_item("undo-2", f"Unban {name}", moderate(channel_id, "unban", name=name)),
            menu_item("ban", f"Ban {name}", _ask("ban", name), danger=True),
        ),
        rx.cond(
            ChatState.can_manage_channel,
            rx.cond(
                message.role == "moderator",
                menu_item(
                    "shield-minus",
                    "Remove as moderator",
                    moderate(channel_id, "unmod", name=name),
                ),
                menu_item("shield-plus", "Make moderator", _ask("mod", name)),
            ),
        ),
    )


def _ask(kind: str, name: str) -> Any:
    return set_ui(question={"kind": kind, "name": name})


def _choice(label: str, spoken: str, on_click: rx.event.EventType[()]) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        role="menuitem",
        tab_index=-1,
        on_click=on_click,
        aria_label=spoken,
        class_name="popup__choice",
    )
