"""The player of recordings, with seeking and variable speed. It reports its position for the chat replay."""

import reflex as rx

from streaming_app.components.player import elements
from streaming_app.components.player.elements import element
from streaming_app.components.typescript_modules import script

SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
"""The speeds in the menu. The keys of media-chrome change the speed by 0.25 between the first and the last."""
SKIP_SECONDS = 10
_KEYS = [("J L", f"{SKIP_SECONDS} s back or forward"), ("0 to 9", "Jump to 0 to 90 %"), ("< >", "Speed")]


class RecordingPlayer(rx.NoSSRComponent):
    """Plays a recording and dispatches ``playhead`` events on the document. The children are the player's elements."""

    library = script("player/recording_player.tsx")
    tag = "RecordingPlayer"
    lib_dependencies: list[str] = elements.NPM_PACKAGES

    src: rx.Var[str]
    """URL path of the recording's playlist."""
    poster: rx.Var[str]
    """URL path of the poster image, if there is one; shown on the device's lock screen."""
    title: rx.Var[str]
    words: rx.Var[dict[str, str]]
    """The names of media-chrome's controls."""


def recording_player(*, src: str, poster: str, title: str) -> rx.Component:
    """The player of the recording whose playlist is at ``src``."""
    return RecordingPlayer.create(
        elements.backdrop(poster),
        element(
            "media-controller",
            elements.video("recorded-video", autoplay=""),
            element("media-loading-indicator", attributes={"slot": "centered-chrome", "noautohide": ""}),
            element(
                "media-playback-rate-menu",
                hidden=True,
                aria_label="Speed",
                attributes={"anchor": "auto", "rates": " ".join(map(str, SPEEDS))},
            ),
            elements.keys_panel(_KEYS),
            element(
                "media-control-bar",
                element("media-time-range", element("media-preview-time-display", attributes={"slot": "preview"})),
                class_name="player__timeline",
            ),
            _control_bar(),
            attributes={**elements.CONTROLLER, "defaultstreamtype": "on-demand"},
        ),
        rx.el.button(
            rx.icon("play", size=40),
            type="button",
            aria_label="Play",
            custom_attrs={"data-action": "play"},
            class_name="player__play",
        ),
        elements.cover(
            "trouble",
            "The video isn't coming through",
            elements.text("The recording may have been deleted, or your connection is down."),
            elements.retry("Try again"),
            dim=True,
        ),
        src=src,
        poster=poster,
        title=title,
        words=elements.WORDS,
    )


def _control_bar() -> rx.Component:
    skip = {"seekoffset": SKIP_SECONDS}
    return element(
        "media-control-bar",
        element("media-play-button"),
        element("media-seek-backward-button", attributes=skip),
        element("media-seek-forward-button", attributes=skip),
        *elements.controls_at_start(),
        element("media-time-display", attributes={"showduration": "", "notoggle": ""}),
        rx.el.span(class_name="player__gap"),
        element("media-playback-rate-menu-button"),
        elements.keys_button(),
        element("media-pip-button"),
        element("media-fullscreen-button"),
    )
