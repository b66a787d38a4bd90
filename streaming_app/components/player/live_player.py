"""The live player. It plays by itself whenever the stream is live, and says what it waits for when it isn't."""

import reflex as rx

from streaming_app.components.scripts import script


class LivePlayer(rx.NoSSRComponent):
    """media-chrome's controls over hls.js, with the site's own retries and covers."""

    library = script("player/live_player.js")
    tag = "LivePlayer"
    lib_dependencies: list[str] = ["media-chrome@4.19.4", "hls-video-element@1.5.11"]

    src: rx.Var[str]
    """Path of the plain HLS playlist at the front door: what any device plays."""
    low_latency: rx.Var[str]
    """Path of the low-latency playlist, tried first; empty where the channel has none."""
    stream_state: rx.Var[str]
    """``live``, ``reconnecting`` or ``offline``."""
    poster: rx.Var[str]
    """Path of the last picture, shown while there is no stream."""
    title: rx.Var[str]
    ended_at: rx.Var[str]
    """When the last stream ended (ISO 8601); empty while there is one, and before the first."""
    recording: rx.Var[str]
    """Path of that stream's recording, if there is one to watch."""
    quiet: rx.Var[bool]
    """Begins without sound: where the microphone may hear it."""
    own: rx.Var[bool]
    """Speaks to the streamer, of whose own stream it is the preview."""


live_player = LivePlayer.create
