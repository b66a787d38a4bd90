"""The chat of one channel: messages from the feed, and a box to write in for who is signed in."""

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.vars import StringVar

from streaming_app import routes
from streaming_app.components.layout import nav_link
from streaming_app.components.scripts import script
from streaming_app.state.chat import BanNotice, ChatState, CommandView
from streaming_app.state.session import SessionState


class ChatPane(rx.NoSSRComponent):
    """Everything of a channel's chat. Its children stand in the place of the box for who is not signed in."""

    library = script("chat/chat_pane.js")
    tag = "ChatPane"
    lib_dependencies: list[str] = ["emoji-picker-element@1.29.1", "emoji-picker-element-data@1.8.0"]

    path: rx.Var[str]
    """Of the channel's feed."""
    channel: rx.Var[str]
    slug: rx.Var[str]
    me: rx.Var[str]
    """Username of who looks; empty: signed out."""
    is_alone: rx.Var[bool]
    """Whether it is the whole page."""
    role: rx.Var[str]
    ban: rx.Var[BanNotice]
    """Of who looks, in this channel."""
    commands: rx.Var[list[CommandView]]
    max_length: rx.Var[int]
    receipt: rx.Var[str]
    """The box keeps what is typed until this changes with an empty ``refusal``."""
    refusal: rx.Var[str]
    wait_seconds: rx.Var[int]
    """How long a refusal for being too fast lasts; 0: it was for something else."""
    answer: rx.Var[str]
    on_open: rx.EventHandler[passthrough_event_spec(str)]
    """With the channel, when it matters what one may do there."""
    on_send: rx.EventHandler[passthrough_event_spec(str, str, str, str)]
    """With channel, text, the id of the message that it answers, and the page's id of this one."""
    on_moderate: rx.EventHandler[passthrough_event_spec(str, str, str, str, str, str)]
    """With channel, action, name, id of the message, minutes and reason."""


def chat_pane(
    channel_id: str,
    path: str,
    slug: str,
    here: str | StringVar[str],
    *,
    is_alone: bool = False,
) -> rx.Component:
    """Chat of a channel, whose feed is at ``path``; ``here`` is the address that signing in comes back to."""
    return rx.el.section(
        ChatPane.create(
            rx.el.div(
                nav_link("Sign in to chat", to=routes.login(here), class_name="btn btn--secondary btn--block"),
                class_name="compose compose__door",
                style={"visibility": rx.cond(slug == "", "hidden", "inherit")},
            ),
            path=path,
            channel=channel_id,
            slug=slug,
            me=SessionState.username,
            is_alone=is_alone,
            role=ChatState.role,
            ban=ChatState.ban,
            commands=ChatState.commands,
            max_length=ChatState.max_length,
            receipt=ChatState.receipt,
            refusal=ChatState.refusal,
            wait_seconds=ChatState.wait_seconds,
            answer=ChatState.answer,
            on_open=ChatState.open,
            on_send=ChatState.send,
            on_moderate=ChatState.moderate,
        ),
        class_name="chat",
        aria_label="Chat",
    )
