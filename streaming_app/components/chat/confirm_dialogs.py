"""The confirm dialogs for moderation actions that are hard to undo."""

from typing import Any

import reflex as rx

from streaming_app.components.chat.browser_state import set_ui, ui
from streaming_app.components.chat.menu_actions import moderate
from streaming_app.components.chat.popup_elements import modal_form
from streaming_app.state.chat import REASON_MAX, TIMEOUT_MAX_MINUTES


def confirm_dialog(channel_id: str) -> rx.Component:
    """The dialog for the question in ``browser_state.ui``, if there is one."""
    asked = ui.question
    name = asked.name
    return rx.fragment(
        rx.match(
            asked.kind,
            (
                "clear",
                _dialog(
                    channel_id,
                    "clear",
                    f"Delete all of {name}'s messages?",
                    "All their messages in this chat are deleted. You can undo this on the moderation page.",
                    "Delete all",
                    reason=_reason(),
                ),
            ),
            (
                "timeout",
                _dialog(
                    channel_id,
                    "timeout",
                    f"Time out {name}",
                    "They can read the chat, and chat again when the timeout ends.",
                    "Time out",
                    minutes=_minutes(),
                    reason=_reason(),
                ),
            ),
            (
                "ban",
                _dialog(
                    channel_id,
                    "ban",
                    f"Ban {name}?",
                    "They can still read the chat, but not send messages.",
                    "Ban",
                    reason=_reason(),
                ),
            ),
            (
                "mod",
                _dialog(
                    channel_id,
                    "mod",
                    f"Make {name} a moderator?",
                    "They can delete messages, time people out and ban them in this chat.",
                    "Make moderator",
                ),
            ),
            rx.fragment(),
        )
    )


def _dialog(channel_id: str, action: str, title: str, text: str, label: str, **fields: rx.Component) -> rx.Component:
    """A dialog whose ``fields`` are named as the arguments of ``moderate``."""

    def confirmed(form: rx.Var[Any]) -> rx.event.EventSpec:
        given: Any = form.to(dict[str, str])
        return moderate(channel_id, action, name=ui.question.name, **{field: given[field] for field in fields})

    return modal_form(
        rx.el.h2(title, class_name="confirm-dialog__title"),
        rx.el.p(text, class_name="confirm-dialog__text"),
        *fields.values(),
        rx.el.div(
            rx.el.button("Cancel", type="button", on_click=set_ui(question=None), class_name="btn btn--secondary"),
            rx.el.button(label, type="submit", class_name="btn btn--live"),
            class_name="confirm-dialog__actions",
        ),
        label=title,
        on_submit=confirmed,
    )


def _minutes() -> rx.Component:
    return rx.el.label(
        rx.el.span("Minutes", class_name="field__label"),
        rx.el.input(
            type="number",
            name="minutes",
            min=1,
            max=TIMEOUT_MAX_MINUTES,
            step=1,
            required=True,
            default_value="30",
            class_name="input",
        ),
        class_name="field",
    )


def _reason() -> rx.Component:
    return rx.el.label(
        rx.el.span(
            "Reason ", rx.el.span("(optional, shown to them)", class_name="field__optional"), class_name="field__label"
        ),
        rx.el.input(name="reason", max_length=REASON_MAX, auto_complete="off", class_name="input"),
        class_name="field",
    )
