"""The chat of one channel: messages from the feed, and a box to write in for who is signed in."""

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.vars import StringVar

from streaming_app import routes
from streaming_app.components.chat.actions import moderate
from streaming_app.components.chat.browser_state import (
    NOTHING,
    Message,
    feed_part,
    forgotten,
    mention,
    opened,
    panel,
    question,
    reply,
)
from streaming_app.components.chat.chat_header import chat_header
from streaming_app.components.chat.confirm_dialogs import confirm_dialog
from streaming_app.components.chat.message_menu import message_menu
from streaming_app.components.chat.panels import open_panel
from streaming_app.components.layout import nav_link
from streaming_app.components.scripts import script
from streaming_app.state.chat import BanNotice, ChatState, CommandView
from streaming_app.state.session import SessionState

_LIBRARY = script("chat/chat_log.tsx")
_WAITING_WIDTHS = ("62%", "84%", "48%", "71%", "56%")


class ChatLog(rx.NoSSRComponent):
    """The messages. Its children are shown when there are none."""

    library = _LIBRARY
    tag = "ChatLog"
    lib_dependencies: list[str] = ["emoji-picker-element@1.29.1", "emoji-picker-element-data@1.8.0"]

    path: rx.Var[str]
    """Of the channel's feed."""
    channel: rx.Var[str]
    me: rx.Var[str]
    """The viewer's username; empty: signed out."""
    is_held: rx.Var[bool]
    """Whether the list stays where it is though new messages arrive."""
    on_menu: rx.EventHandler[passthrough_event_spec(dict)]
    """With the message whose menu is to open."""


class MembershipListener(rx.NoSSRComponent):
    """Fires ``on_open`` with the channel whenever the server has to tell what the viewer may do there."""

    library = _LIBRARY
    tag = "MembershipListener"
    path: rx.Var[str]
    channel: rx.Var[str]
    me: rx.Var[str]
    role: rx.Var[str]
    on_open: rx.EventHandler[passthrough_event_spec(str)]


class PinnedMessage(rx.NoSSRComponent):
    """The message pinned above the chat, if there is one."""

    library = _LIBRARY
    tag = "PinnedMessage"
    path: rx.Var[str]
    channel: rx.Var[str]
    me: rx.Var[str]
    can_unpin: rx.Var[bool]
    on_unpin: rx.EventHandler[passthrough_event_spec(str)]
    """With the id of the message."""


class ComposeBox(rx.NoSSRComponent):
    """The message box."""

    library = _LIBRARY
    tag = "ComposeBox"
    path: rx.Var[str]
    channel: rx.Var[str]
    is_moderator: rx.Var[bool]
    ban: rx.Var[BanNotice]
    """Of the viewer, in this channel."""
    commands: rx.Var[list[CommandView]]
    max_length: rx.Var[int]
    receipt: rx.Var[str]
    """The box keeps what is typed until this changes with an empty ``refusal``."""
    refusal: rx.Var[str]
    wait_seconds: rx.Var[int]
    """How long a refusal for being too fast lasts; 0: it was for something else."""
    answer: rx.Var[str]
    reply: rx.Var[Message]
    """The message that the next one answers, or null."""
    mention: rx.Var[dict[str, str]]
    """``{name}``, which a new object writes into the box, or null."""
    on_reply_end: rx.EventHandler[rx.event.no_args_event_spec]
    on_help: rx.EventHandler[rx.event.no_args_event_spec]
    """Someone typed ``/help``."""
    on_send: rx.EventHandler[passthrough_event_spec(str, str, str, str)]
    """With channel, text, the id of the message that it answers, and the page's id of this one."""


def chat_pane(
    channel_id: str,
    path: str,
    slug: str,
    here: str | StringVar[str],
    *,
    is_alone: bool = False,
) -> rx.Component:
    """Chat of a channel, whose feed is at ``path``; ``here`` is the address that signing in comes back to."""
    me = SessionState.username
    status = feed_part(path, "status", str)
    return rx.el.section(
        rx.el.div(
            chat_header(slug, is_alone=is_alone),
            rx.el.div(
                PinnedMessage.create(
                    path=path,
                    channel=channel_id,
                    me=me,
                    can_unpin=ChatState.is_moderator,
                    on_unpin=lambda message_id: moderate(channel_id, "unpin", message_id=message_id),
                ),
                ChatLog.create(
                    _no_messages(status),
                    path=path,
                    channel=channel_id,
                    me=me,
                    is_held=rx.cond(opened.value, True, rx.cond(question.value, True, False)),  # noqa: FBT003
                    on_menu=opened.set,
                ),
                _connection(status, feed_part(path, "error", str)),
                open_panel(channel_id),
                class_name="chat__pane",
                data_status=status,
            ),
            rx.cond(me != "", _compose_box(channel_id, path), _door(slug, here)),
            message_menu(channel_id, path),
            confirm_dialog(channel_id),
            MembershipListener.create(
                path=path, channel=channel_id, me=me, role=ChatState.role, on_open=ChatState.open
            ),
            class_name="chat__whole",
        ),
        on_unmount=forgotten(),
        class_name="chat",
        aria_label="Chat",
    )


def _compose_box(channel_id: str, path: str) -> rx.Component:
    return ComposeBox.create(
        path=path,
        channel=channel_id,
        is_moderator=ChatState.is_moderator,
        ban=ChatState.ban,
        commands=ChatState.commands,
        max_length=ChatState.max_length,
        receipt=ChatState.receipt,
        refusal=ChatState.refusal,
        wait_seconds=ChatState.wait_seconds,
        answer=ChatState.answer,
        reply=reply.value,
        mention=mention.value,
        on_reply_end=reply.set_value(NOTHING),
        on_help=panel.set_value("commands"),
        on_send=ChatState.send,
    )


def _door(slug: str, here: str | StringVar[str]) -> rx.Component:
    return rx.el.div(
        nav_link("Sign in to chat", to=routes.login(here), class_name="btn btn--secondary btn--block"),
        class_name="compose compose__door",
        style={"visibility": rx.cond(slug == "", "hidden", "inherit")},
    )


def _connection(status: str, error: str) -> rx.Component:
    """What is wrong with the connection, announced to screen readers."""
    lost = rx.el.div(
        rx.el.span(class_name="spinner", aria_hidden="true"),
        "Connection lost. Reconnecting…",
        class_name="chat__status",
        data_lost=True,
    )
    return rx.el.div(
        rx.cond(error != "", rx.el.div(error, class_name="chat__status"), rx.cond(status == "waiting", lost)),
        role="status",
    )


def _no_messages(status: str) -> rx.Component:
    """What is shown when there are no messages: the connection is new, lost, or nobody has written."""
    connecting = rx.el.div(
        *[rx.el.div(class_name="skeleton", style={"width": width}) for width in _WAITING_WIDTHS],
        class_name="chat__wait",
        aria_hidden="true",
    )
    return rx.fragment(
        rx.match(
            status,
            ("connecting", connecting),
            ("waiting", _empty("Chat is unavailable", rx.el.p("It will be back automatically."))),
            _empty(
                "No messages yet",
                rx.cond(SessionState.username != "", rx.el.p("Be the first to say something.")),
            ),
        )
    )


def _empty(title: str, more: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.svg(
            rx.el.path(d="M8 10h32v22H22l-9 8v-8H8Z"),
            rx.el.path(d="M17 21h.01M24 21h.01M31 21h.01", stroke_linecap="round", stroke_width=4),
            view_box="0 0 48 48",
            fill="none",
            stroke="currentColor",
            stroke_width=2.5,
            stroke_linejoin="round",
            aria_hidden="true",
        ),
        rx.el.p(title, class_name="chat__empty-title"),
        more,
        class_name="chat__empty",
    )
