"""The chat of one channel: messages from the feed, and a box to write in for who is signed in."""

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.vars import StringVar

from streaming_app import routes
from streaming_app.components.layout import nav_link
from streaming_app.state.chat import ChatState
from streaming_app.state.session import SessionState


class ChatPane(rx.NoSSRComponent):
    """The messages; fires ``on_stream`` with the stream's state whenever the feed says it."""

    library = rx.asset("chat_pane.js", shared=True).importable_path
    tag = "ChatPane"
    path: rx.Var[str]
    on_stream: rx.EventHandler[passthrough_event_spec(str)]


class ComposeBox(rx.NoSSRComponent):
    """Keeps what is typed until ``receipt`` changes with an empty ``refusal``."""

    library = rx.asset("compose_box.js", shared=True).importable_path
    tag = "ComposeBox"
    channel: rx.Var[str]
    max_length: rx.Var[int]
    receipt: rx.Var[str]
    refusal: rx.Var[str]
    on_send: rx.EventHandler[passthrough_event_spec(str, str)]
    """With channel and text."""


def chat_pane(
    channel_id: str, path: str, here: str | StringVar[str], on_stream: rx.event.EventType[str]
) -> rx.Component:
    """Chat of a channel, whose feed is at ``path``; ``here`` is the address that signing in comes back to."""
    return rx.el.section(
        rx.el.header(rx.el.h2("Chat", class_name="chat__title"), class_name="chat__head"),
        ChatPane.create(path=path, on_stream=on_stream),
        rx.cond(
            SessionState.username != "",
            ComposeBox.create(
                channel=channel_id,
                max_length=ChatState.max_length,
                receipt=ChatState.receipt,
                refusal=ChatState.refusal,
                on_send=lambda channel, text: ChatState.send(channel, text, ""),
                on_mount=ChatState.open(channel_id),
            ),
            rx.el.div(
                rx.el.span("Everyone can read along."),
                nav_link("Sign in to chat", to=routes.login(here), class_name="btn btn--secondary btn--sm"),
                class_name="compose compose__door",
            ),
        ),
        class_name="chat",
        aria_label="Chat",
    )
