"""Shared parts of the players of live streams and recordings: media-chrome's elements, buttons, panels and covers.

``player_controls.ts`` finds them by ``data-action`` and ``data-panel``, and by their classes. ``player.css`` shows the
cover whose ``data-cover`` names that of the player itself.
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_components_core.el.elements.base import BaseHTML

from streaming_app.components.optional_image import picture

NPM_PACKAGES = ["media-chrome@4.19.4", "hls-video-element@1.5.11", "zustand@5.1.0"]

CONTROLLER = {
    "nohotkeys": "",
    "keyboardforwardseekoffset": 5,
    "keyboardbackwardseekoffset": 5,
}
"""The attributes of the ``media-controller`` of both players. ``player_controls.ts`` calls its functions for keys."""

WORDS = {
    "video player": "Video player",
    "media loading": "Loading",
    "play": "Play",
    "pause": "Pause",
    "mute": "Mute",
    "unmute": "Unmute",
    "volume": "Volume",
    "seek": "Seek",
    "playback time": "Time",
    "quality": "Quality",
    "Playback rate": "Speed",
    "current playback rate": "Speed",
    "Playback rate {playbackRate}": "Speed {playbackRate}x",
    "seek back {seekOffset} seconds": "Back {seekOffset} seconds",
    "seek forward {seekOffset} seconds": "Forward {seekOffset} seconds",
    "Seek backward": "Back",
    "Seek forward": "Forward",
    "Enter picture in picture mode": "Picture in picture",
    "Exit picture in picture mode": "Leave picture in picture",
    "enter picture in picture mode": "Picture in picture",
    "exit picture in picture mode": "Leave picture in picture",
    "Enter fullscreen mode": "Fullscreen",
    "Exit fullscreen mode": "Leave fullscreen",
    "enter fullscreen mode": "Fullscreen",
    "exit fullscreen mode": "Leave fullscreen",
}
"""The names of media-chrome's controls. The library's own names are partly in lower case or long phrases."""


class _Element(BaseHTML):
    def add_imports(self) -> ImportDict:
        """Import the modules of media-chrome that define the element, for the browser's custom elements."""
        tag = str(self.tag)
        if not tag.startswith("media-"):
            return {}
        if "-menu" not in tag:
            return {"": [f"media-chrome/{tag}"]}
        # A menu creates its items, but does not import their module.
        return {"": [f"media-chrome/menu/{tag}", "media-chrome/menu/media-chrome-menu-item"]}


def element(tag: str, *children: rx.Component | str, **props: Any) -> rx.Component:
    """A custom element, such as ``media-play-button``; ``attributes`` are attributes that Reflex does not know.

    No property may be a Var. Reflex would name a function after the tag, and JavaScript allows no hyphen in its name.
    """
    component = _Element.create(*children, custom_attrs=props.pop("attributes", {}), **props)
    component.tag = tag
    return component


def button(action: str, name: str, icon: str, class_name: str = "") -> rx.Component:
    """A button of the control bar; ``action`` is one of the player's keys, or the name of an action without a key."""
    return rx.el.button(
        rx.icon(icon, size=22),
        type="button",
        title=f"{name} ({action})",
        aria_label=name,
        aria_pressed="false",
        custom_attrs={"data-action": action},
        class_name=f"player__button {class_name}",
    )


def panel(action: str, title: str, *children: rx.Component, class_name: str) -> rx.Component:
    """A panel over the video, which the button with the same ``action`` opens and Escape closes."""
    return rx.el.section(
        rx.el.header(
            rx.el.h2(title),
            rx.el.button(
                rx.icon("x", size=18),
                type="button",
                title="Close (Esc)",
                aria_label=f"Close: {title}",
                custom_attrs={"data-action": "close"},
                class_name="player__close",
            ),
        ),
        *children,
        role="region",
        aria_label=title,
        hidden=True,
        # noautohide: media-chrome keeps the panel visible when it hides the controls.
        custom_attrs={"slot": "top-chrome", "noautohide": "", "data-panel": action},
        class_name=f"player__panel {class_name}",
    )


def cover(name: str, title: str, *children: rx.Component | str, waits: bool = False, dim: bool = False) -> rx.Component:
    """A cover in place of the video, or over the video with ``dim``. With ``waits``, its icon pulses.

    ``name`` may be several names, separated by spaces.
    """
    return rx.el.div(
        rx.el.svg(
            rx.el.path(
                d="M7 4.9v14.2c0 1.4 1.5 2.3 2.7 1.6l12.5-7.1c1.2-.7 1.2-2.5 0-3.2L9.7 3.3C8.5 2.6 7 3.5 7 4.9Z",
                fill="currentColor",
            ),
            rx.el.rect(
                x=7, y=25, width=18, height="4.5", rx="2.25", class_name="player__pulse" if waits else "player__lamp"
            ),
            view_box="0 0 32 32",
            aria_hidden="true",
            class_name="player__mark",
        ),
        rx.el.p(title, class_name="player__title"),
        *children,
        role="status",
        custom_attrs={"data-cover": name},
        class_name="player__cover player__cover--dim" if dim else "player__cover",
    )


def text(words: str) -> rx.Component:
    """A line of a cover below its title."""
    return rx.el.p(words, class_name="player__text")


def retry(label: str) -> rx.Component:
    """The button of a cover that loads the video again."""
    return rx.el.button(label, type="button", custom_attrs={"data-action": "retry"}, class_name="player__retry")


def backdrop(poster: str | rx.Var[str]) -> rx.Component:
    """The background until the video is shown: the image at the URL path ``poster``, or a pattern if there is none."""
    return rx.el.div(
        rx.el.div(class_name="player__art art"),
        picture(poster, "player__poster"),
        class_name="player__backdrop",
    )


def video(tag: str, **attributes: Any) -> rx.Component:
    """The video element of a ``media-controller``."""
    return element(tag, attributes={"slot": "media", "playsinline": "", "crossorigin": "anonymous", **attributes})


def controls_at_start() -> list[rx.Component]:
    """Mute and volume."""
    return [element("media-mute-button"), element("media-volume-range", attributes={"mediavolume": 1})]


_COMMON_KEYS = [("Space", "Play or pause"), ("↑ ↓", "Volume"), ("← →", "5 s back or forward")]
_CHARACTER_KEYS = [("K", "Play or pause"), ("M", "Mute"), ("F", "Fullscreen"), ("I", "Picture in picture")]


def keys_panel(keys: list[tuple[str, str]]) -> rx.Component:
    """The list of the player's ``keys``, and the switch for the keys that are single characters."""
    return panel(
        "?",
        "Keyboard shortcuts",
        rx.el.h3("When the player is focused"),
        _key_list(_COMMON_KEYS),
        rx.el.h3("Also when nothing is focused"),
        rx.el.label(rx.el.input(type="checkbox"), "Single-character shortcuts", class_name="player__switch"),
        _key_list([*_CHARACTER_KEYS, *keys, ("?", "This list")]),
        class_name="player__keys",
    )


def keys_button() -> rx.Component:
    """The button that opens the list of keys; hidden on devices without a keyboard."""
    return button("?", "Keyboard shortcuts", "keyboard", "player__keys-button")


def _key_list(keys: list[tuple[str, str]]) -> rx.Component:
    return rx.el.dl(*(rx.el.div(rx.el.dt(rx.el.kbd(key)), rx.el.dd(action)) for key, action in keys))
