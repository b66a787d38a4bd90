"""The player of a live stream. It plays while the stream is live, and otherwise shows what it is waiting for."""

from typing import Any

import reflex as rx

from streaming_app.components.player import elements
from streaming_app.components.player.elements import element
from streaming_app.components.typescript_modules import script

_STATISTICS = {
    "delay": "Latency",
    "target": "Target latency",
    "ahead": "Buffer ahead",
    "picture": "Picture",
    "dropped": "Dropped",
    "bitrate": "Stream",
    "bandwidth": "Network",
    "stalls": "Stalls",
    "underruns": "Sound gaps",
    "rate": "Playback rate",
    "mode": "Mode",
    "why": "Reason",
}
"""The labels of the statistics, by the names that ``live_stats.ts`` gives them."""

_KEYS = [("L", "Back to live"), ("T", "Theatre mode"), ("S", "Statistics")]


class LivePlayer(rx.NoSSRComponent):
    """Plays a live stream. The children are the elements of the player."""

    library = script("player/live_player.tsx")
    tag = "LivePlayer"
    lib_dependencies: list[str] = elements.NPM_PACKAGES

    src: rx.Var[str]
    """URL path of the plain HLS playlist, which every device can play."""
    low_latency: rx.Var[str]
    """URL path of the low-latency playlist, which is tried before ``src``; empty if the channel has none."""
    realtime: rx.Var[str]
    """URL path of the real-time websocket, which is tried before; empty if the channel does not use real time."""
    reports: rx.Var[bool]
    """Whether the player reports its delay. The streamer's own preview does not count as a viewer."""
    stream_state: rx.Var[str]
    """``live``, ``reconnecting`` or ``offline``."""
    poster: rx.Var[str]
    """URL path of the last preview image, shown on the device's lock screen."""
    title: rx.Var[str]
    words: rx.Var[dict[str, str]]
    """The names of media-chrome's controls."""


def live_player(
    *,
    src: str,
    low_latency: str,
    realtime: str,
    stream_state: str,
    poster: str,
    title: str,
    recording: str | rx.Var[Any] = "",
    own: bool = False,
) -> rx.Component:
    """The player. ``recording`` is the path of the last stream's recording; ``own`` is true in the studio."""
    return LivePlayer.create(
        # Another path in each state, so that the browser loads the newest image when the stream ends.
        elements.backdrop(rx.cond(poster != "", f"{poster}?{stream_state}", "")),
        rx.el.canvas(class_name="player__still", aria_hidden="true"),
        _controller(own=own),
        rx.el.button(
            rx.icon("volume-x", size=20),
            "Unmute",
            type="button",
            custom_attrs={"data-action": "unmute"},
            class_name="player__unmute",
        ),
        *(_own_covers() if own else _covers(recording)),
        elements.cover("audio", "Audio only", elements.text("This stream has no video right now.")),
        elements.cover(
            "empty",
            "Waiting for the stream",
            elements.text("Playback starts automatically. If this takes long, the encoder is not sending keyframes."),
            waits=True,
            dim=True,
        ),
        elements.cover(
            "trouble",
            "The video isn't coming through",
            elements.text("Trying again. If this takes long, check your internet connection."),
            elements.retry("Try now"),
            waits=True,
            dim=True,
        ),
        src=src,
        low_latency=low_latency,
        realtime=realtime,
        reports=not own,
        stream_state=stream_state,
        poster=poster,
        title=title,
        words=elements.WORDS,
    )


def _covers(recording: str | rx.Var[Any]) -> list[rx.Component]:
    return [
        elements.cover(
            "reconnecting",
            "Connection lost",
            elements.text("Waiting for the streamer to reconnect…"),
            waits=True,
            dim=True,
        ),
        elements.cover(
            "ended",
            "Stream ended",
            rx.cond(
                recording != "",
                rx.el.a("Watch the recording", href=recording, class_name="player__retry"),
                elements.text("This page will start playing when the next one begins."),
            ),
        ),
        elements.cover("idle", "Offline", elements.text("This page will start playing when the stream begins.")),
    ]


def _own_covers() -> list[rx.Component]:
    return [
        elements.cover(
            "reconnecting",
            "No video from your encoder",
            elements.text("Viewers are waiting. Start your encoder again to continue the same stream."),
            waits=True,
            dim=True,
        ),
        elements.cover(
            "idle ended", "You are offline", elements.text("Your preview appears here when your encoder starts.")
        ),
    ]


def _controller(*, own: bool) -> rx.Component:
    # The streamer's microphone may pick up the sound. nomutedpref: the sound setting of watch pages does not apply.
    preference = {"nomutedpref": ""} if own else {}
    return element(
        "media-controller",
        elements.video("live-video", muted=own),
        element("media-loading-indicator", attributes={"slot": "centered-chrome", "noautohide": ""}),
        element("media-rendition-menu", hidden=True, aria_label="Quality", attributes={"anchor": "auto"}),
        elements.panel("s", "Stream statistics", _statistics(), class_name="player__stats"),
        elements.keys_panel(_KEYS),
        rx.el.div(
            _seek_bar(),
            _control_bar(),
            custom_attrs={"mediachromeattributes": "mediarenditionlist"},
            class_name="player__controls",
        ),
        attributes={**elements.CONTROLLER, "defaultstreamtype": "live", "noautoseektolive": "", **preference},
    )


def _statistics() -> rx.Component:
    return rx.el.dl(
        *(rx.el.div(rx.el.dt(label), rx.el.dd(custom_attrs={"data-stat": name})) for name, label in _STATISTICS.items())
    )


def _seek_bar() -> rx.Component:
    return rx.el.div(
        rx.el.input(type="range", min=0, step=1, aria_label="Seek"),
        rx.el.span(class_name="player__pointed", aria_hidden="true"),
        class_name="player__seek",
        hidden=True,
    )


def _control_bar() -> rx.Component:
    dot = rx.el.span(class_name="player__dot", aria_hidden="true")
    return element(
        "media-control-bar",
        element("media-play-button"),
        *elements.controls_at_start(),
        rx.el.span(dot, "Live", class_name="player__live"),
        rx.el.button(
            rx.el.span(
                rx.el.span("Behind live: ", class_name="visually-hidden"),
                rx.el.span(class_name="player__behind-seconds"),
                class_name="player__behind",
            ),
            rx.el.span(dot, "Back to live", class_name="player__back"),
            type="button",
            title="Back to live (l)",
            custom_attrs={"data-action": "l"},
            class_name="player__to-live",
        ),
        rx.el.span(class_name="player__gap"),
        element("media-rendition-menu-button"),
        elements.button("s", "Statistics", "chart-no-axes-column", "player__stats-button"),
        elements.keys_button(),
        element("media-pip-button"),
        elements.button("t", "Theatre mode", "rectangle-horizontal", "player__theatre"),
        element("media-fullscreen-button"),
    )
