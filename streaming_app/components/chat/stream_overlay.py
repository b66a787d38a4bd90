"""The chat overlay, which streamers add to their stream as a browser source (see ``docs/overlay.md``)."""

import reflex as rx

from streaming_app.components.chat.chat_row import LIST, Line, chat_row
from streaming_app.components.typescript_modules import script


class StreamOverlay(rx.NoSSRComponent):
    """The newest lines. Reads ``size`` and ``fade`` from the query string of the page's URL."""

    library = script("chat/stream_overlay.tsx")
    tag = "StreamOverlay"
    path: rx.Var[str]
    """URL path of the channel's feed."""
    channel: rx.Var[str]


def stream_overlay(path: str, channel_id: str) -> rx.Component:
    """The newest lines of the channel whose feed is at ``path``."""
    lines = rx.el.div(rx.foreach(LIST.lines, _line), special_props=[LIST.log], class_name="overlay")
    return StreamOverlay.create(lines, path=path, channel=channel_id)


def _line(line: Line) -> rx.Component:
    return rx.el.div(
        chat_row(line, has_buttons=False), key=line.id, data_leaving=line.leaving, class_name="overlay__line"
    )
