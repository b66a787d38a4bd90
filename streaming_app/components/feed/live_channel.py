"""A channel that its feed keeps up to date in the browser, without requests to the server."""

import reflex as rx
from reflex.event import passthrough_event_spec

from streaming_app.components.typescript_modules import browser_hook, script
from streaming_app.state.view_models import ChannelView

_LIBRARY = script("feed/listeners.tsx")


def live_channel(channel: ChannelView | rx.Var[ChannelView]) -> ChannelView:
    """Return a Var of ``channel``, itself a Var, with the changes that its feed has sent since the page was opened."""
    return browser_hook("liveChannel", "useLiveChannel", ChannelView, _LIBRARY, channel)


class StreamListener(rx.NoSSRComponent):
    """Fires ``on_change`` with the stream's state when the feed sends a stream that differs from ``channel``."""

    library = _LIBRARY
    tag = "StreamListener"
    channel: rx.Var[ChannelView]
    on_change: rx.EventHandler[passthrough_event_spec(str)]


stream_listener = StreamListener.create
