"""The countdown until the encoder may publish again after "End stream", with a button to allow it at once."""

import reflex as rx
from reflex.event import no_args_event_spec

from streaming_app.components.scripts import script
from streaming_app.state.studio import StudioState


class EndHold(rx.NoSSRComponent):
    """A countdown from ``seconds`` with a button; nothing at 0."""

    library = script("studio/end_hold.js")
    tag = "EndHold"
    seconds: rx.Var[int]
    on_allow: rx.EventHandler[no_args_event_spec]


def end_hold() -> rx.Component:
    """The countdown of the signed-in user's own channel."""
    return EndHold.create(seconds=StudioState.held_seconds, on_allow=StudioState.allow_restart)
