"""How the streamer's own stream arrives: what it is, what to change, and how it went in the last minutes."""

import reflex as rx

from streaming_app.components.scripts import script
from streaming_app.state.studio import StudioState


class StreamHealth(rx.NoSSRComponent):
    """Asks the API every other second while there is a stream, and keeps its own numbers: no other tab needs them."""

    library = script("studio/stream_health.js")
    tag = "StreamHealth"
    stream_state: rx.Var[str]
    """``live``, ``reconnecting`` or ``offline``."""


def stream_health() -> rx.Component:
    """The stream health panel; nothing while offline."""
    return rx.cond(
        StudioState.channel.state != "offline",
        rx.el.section(
            rx.el.h2("Stream health", id="health-title", class_name="panel__title"),
            StreamHealth.create(stream_state=StudioState.channel.state),
            class_name="panel stack health",
            aria_labelledby="health-title",
        ),
    )
