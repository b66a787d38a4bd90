"""The chat of a stream beside its recording: read only, in step with the player."""

import reflex as rx

from streaming_app.components.scripts import script


class ChatReplay(rx.NoSSRComponent):
    """Shows what had been said by the instant that the player's ``playhead`` events name."""

    library = script("chat/chat_log.tsx")
    tag = "ChatReplay"
    path: rx.Var[str]
    channel: rx.Var[str]
    """Whose emotes are shown."""


def chat_replay(path: str, channel_id: str) -> rx.Component:
    """What was said, from the address ``path``."""
    return rx.el.section(
        rx.el.header(rx.el.h2("Chat replay", class_name="chat__title"), class_name="chat__head"),
        ChatReplay.create(path=path, channel=channel_id),
        class_name="chat",
        aria_label="Chat replay",
    )
