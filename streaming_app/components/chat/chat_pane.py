"""The chat of a channel: the messages from the feed, and a message box for signed-in users."""

import reflex as rx
from reflex.event import passthrough_event_spec
from reflex.vars import StringVar

from streaming_app import routes
from streaming_app.components.chat.browser_state import preferences, reset_ui
from streaming_app.components.chat.chat_header import chat_header
from streaming_app.components.chat.chat_row import message_list
from streaming_app.components.chat.compose_box import compose_box
from streaming_app.components.chat.confirm_dialogs import confirm_dialog
from streaming_app.components.chat.message_menu import message_menu
from streaming_app.components.chat.panels import open_panel
from streaming_app.components.chat.pinned_message import pinned_message
from streaming_app.components.feed.feed_part import feed_part
from streaming_app.components.layout import nav_link
from streaming_app.components.signed_in import signed_in
from streaming_app.components.typescript_modules import script
from streaming_app.state.chat import ChatState
from streaming_app.state.session import SessionState

_LIBRARY = script("chat/chat_log.tsx")
_WAITING_WIDTHS = ("62%", "84%", "48%", "71%", "56%")


class ChatLog(rx.NoSSRComponent):
    """The messages. Provides ``ShownList`` to its children."""

    library = _LIBRARY
    tag = "ChatLog"
    lib_dependencies: list[str] = [
        "emoji-picker-element@1.29.1",
        "emoji-picker-element-data@1.8.0",
        "match-sorter@8.3.1",
        "swr@2.5.1",
        "use-long-press@3.3.0",
        "zustand@5.1.0",
    ]

    path: rx.Var[str]
    """URL path of the channel's feed."""
    channel: rx.Var[str]
    me: rx.Var[str]
    """The viewer's username; empty if signed out."""


class MembershipListener(rx.NoSSRComponent):
    """Fires ``on_open`` with the channel whenever the viewer's rights in the channel must be loaded."""

    library = _LIBRARY
    tag = "MembershipListener"
    path: rx.Var[str]
    channel: rx.Var[str]
    me: rx.Var[str]
    role: rx.Var[str]
    on_open: rx.EventHandler[passthrough_event_spec(str)]


def chat_pane(
    channel_id: str,
    path: str,
    slug: str,
    here: str | StringVar[str],
    *,
    is_alone: bool = False,
) -> rx.Component:
    """The chat of a channel. ``path`` is the URL path of its feed; the sign-in page redirects back to ``here``."""
    me = SessionState.username
    status = feed_part(path, "status", str)
    return rx.el.section(
        rx.el.div(
            chat_header(slug, is_alone=is_alone),
            rx.el.div(
                pinned_message(channel_id, path),
                ChatLog.create(
                    message_list(has_buttons=True),
                    path=path,
                    channel=channel_id,
                    me=me,
                ),
                _no_messages(status),
                _connection(status, feed_part(path, "error", str)),
                open_panel(channel_id),
                class_name="chat__pane",
                data_status=status,
            ),
            signed_in(compose_box(channel_id, path), _door(slug, here), is_known=True, about=channel_id),
            message_menu(channel_id, path),
            confirm_dialog(channel_id),
            MembershipListener.create(
                path=path, channel=channel_id, me=me, role=ChatState.role, on_open=ChatState.open
            ),
            class_name="chat__whole",
        ),
        on_unmount=reset_ui,
        class_name="chat",
        data_times=preferences.times,
        aria_label="Chat",
    )


def _door(slug: str, here: str | StringVar[str]) -> rx.Component:
    return rx.el.div(
        nav_link("Sign in to chat", to=routes.login(here), class_name="btn btn--secondary btn--block"),
        class_name="compose compose__door",
        style={"visibility": rx.cond(slug == "", "hidden", "inherit")},
    )


def _connection(status: str, error: str) -> rx.Component:
    """The message about a lost connection, announced to screen readers."""
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
    """The text in place of messages, which chat.css hides: the connection is new or lost, or nobody has written."""
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
