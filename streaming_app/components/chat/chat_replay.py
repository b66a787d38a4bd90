"""The chat of a stream beside its recording: read only, in step with the player."""

import reflex as rx

from streaming_app.components.chat.chat_row import chat_rows
from streaming_app.components.scripts import script


class ChatReplay(rx.NoSSRComponent):
    """Shows what had been said by the instant that the player's ``playhead`` events name.

    Its children are the rows, and what is shown while there are no messages, when nobody wrote, and when the site
    does not answer.
    """

    library = script("chat/chat_log.tsx")
    tag = "ChatReplay"
    path: rx.Var[str]
    channel: rx.Var[str]
    """Whose emotes are shown."""


def chat_replay(path: str, channel_id: str) -> rx.Component:
    """What was said, from the address ``path``."""
    return rx.el.section(
        rx.el.header(rx.el.h2("Chat replay", class_name="chat__title"), class_name="chat__head"),
        ChatReplay.create(
            rx.fragment(chat_rows(has_buttons=False)),
            _empty("No messages yet", "Messages appear at the moment they were sent."),
            _empty("No messages", "No one chatted during this stream."),
            rx.el.div(
                rx.el.span(class_name="spinner", aria_hidden="true"),
                "Chat is unavailable. Trying again…",
                class_name="chat__status",
            ),
            path=path,
            channel=channel_id,
        ),
        class_name="chat",
        aria_label="Chat replay",
    )


def _empty(title: str, text: str) -> rx.Component:
    return rx.el.div(rx.el.p(title, class_name="chat__empty-title"), rx.el.p(text), class_name="chat__empty")
