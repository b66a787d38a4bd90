"""The chat replay beside a recording: read-only, synchronized with the player."""

import reflex as rx

from streaming_app.components.chat.browser_state import preferences
from streaming_app.components.chat.chat_row import LIST, message_list
from streaming_app.components.typescript_modules import script


class ChatReplay(rx.NoSSRComponent):
    """Shows the messages up to the time in the player's ``playhead`` events.

    The children show the values of ``LIST``.
    """

    library = script("chat/chat_replay.tsx")
    tag = "ChatReplay"
    path: rx.Var[str]
    channel: rx.Var[str]
    """Id of the channel whose emotes are shown."""


def chat_replay(path: str, channel_id: str) -> rx.Component:
    """The chat replay, whose messages are fetched from the URL path ``path``."""
    away = rx.el.div(
        rx.el.span(class_name="spinner", aria_hidden="true"),
        "Chat is unavailable. Trying again…",
        class_name="chat__status",
    )
    return rx.el.section(
        rx.el.header(rx.el.h2("Chat replay", class_name="chat__title"), class_name="chat__head"),
        rx.el.div(
            ChatReplay.create(
                message_list(has_buttons=False),
                rx.cond(
                    LIST.phase == "silent",
                    _empty("No messages", "No one chatted during this stream."),
                    _empty("No messages yet", "Messages appear at the moment they were sent."),
                ),
                rx.el.div(rx.cond(LIST.phase == "away", away), role="status"),
                path=path,
                channel=channel_id,
            ),
            class_name="chat__pane",
        ),
        class_name="chat",
        data_times=preferences.times,
        aria_label="Chat replay",
    )


def _empty(title: str, text: str) -> rx.Component:
    return rx.el.div(rx.el.p(title, class_name="chat__empty-title"), rx.el.p(text), class_name="chat__empty")
