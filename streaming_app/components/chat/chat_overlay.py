"""Chat to lay over a stream's picture: what ``docs/overlay.md`` tells streamers to add as a browser source."""

import reflex as rx

from streaming_app.components.scripts import script


class ChatOverlay(rx.NoSSRComponent):
    """The newest lines. It reads ``size`` and ``fade`` from the page's address."""

    library = script("chat/chat_log.tsx")
    tag = "ChatOverlay"
    path: rx.Var[str]
    """Of the channel's feed."""
    channel: rx.Var[str]


chat_overlay = ChatOverlay.create
