"""Messages that wait for a moderator's review."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list
from streaming_app.state.moderation import ModerationState
from streaming_app.state.moderation_view_models import HeldMessageView


def held_messages() -> rx.Component:
    """The panel of held messages, with buttons to approve or reject each."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Held messages", id="held-title", class_name="panel__title"),
            rx.el.p("No one sees these until you approve them.", class_name="panel__lead"),
        ),
        entry_list(ModerationState.held, _item, "No messages to review."),
        class_name="panel stack",
        aria_labelledby="held-title",
    )


def _item(message: HeldMessageView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(message.name, class_name="entry__name"),
                rx.el.span(message.reason, class_name="badge"),
                rx.el.span(local_date(at=message.at, long=True), class_name="entry__at"),
                class_name="entry__line",
            ),
            rx.cond(message.replies_to != "", rx.el.p("Replying to ", message.replies_to, class_name="entry__reason")),
            rx.el.blockquote(message.text, id=f"held-{message.message_id}", class_name="entry__quote"),
            class_name="entry__body",
        ),
        rx.el.div(
            rx.el.button(
                "Approve",
                type="button",
                on_click=ModerationState.approve(message.message_id),
                aria_label=f"Approve the message of {message.name}",
                aria_describedby=f"held-{message.message_id}",
                class_name="btn btn--secondary btn--sm",
            ),
            rx.el.button(
                "Reject",
                type="button",
                on_click=ModerationState.reject(message.message_id),
                aria_label=f"Reject the message of {message.name}",
                aria_describedby=f"held-{message.message_id}",
                class_name="btn btn--danger btn--sm",
            ),
            class_name="row",
        ),
        key=message.message_id,
        class_name="entry",
    )
