"""What an encoder needs: the server, the stream key, and how to set up OBS or ffmpeg."""

import reflex as rx

from streaming_app.components.confirm import confirmed_button
from streaming_app.components.forms import copy_field
from streaming_app.state.studio import StudioState


def encoder() -> rx.Component:
    """Server, key and instructions."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Connect your encoder", id="encoder-title", class_name="panel__title"),
            rx.el.p("Paste these two into OBS, or any program that speaks RTMP.", class_name="panel__lead"),
        ),
        copy_field("server", "Server", StudioState.server),
        _stream_key(),
        rx.el.div(
            _how_to("OBS Studio, step by step", _obs(), is_open=True),
            _how_to("ffmpeg, in one line", _ffmpeg(), is_open=False),
            class_name="how-tos",
        ),
        class_name="panel stack",
        aria_labelledby="encoder-title",
    )


def _stream_key() -> rx.Component:
    shown = StudioState.stream_key != ""
    return rx.el.div(
        rx.el.label("Stream key", html_for="stream-key", class_name="field__label"),
        rx.el.div(
            rx.el.input(
                id="stream-key",
                value=StudioState.shown_key,
                read_only=True,
                auto_complete="off",
                spell_check=False,
                aria_describedby="stream-key-hint",
                class_name="secret__value",
            ),
            rx.el.button(
                rx.cond(shown, rx.icon("eye-off", size=16), rx.icon("eye", size=16)),
                rx.cond(shown, "Hide", "Show"),
                type="button",
                on_click=StudioState.show_key,
                aria_label=rx.cond(shown, "Hide stream key", "Show stream key"),
                class_name="btn",
            ),
            rx.el.button(
                rx.icon("copy", size=16),
                "Copy",
                type="button",
                on_click=StudioState.copy_key,
                aria_label="Copy stream key",
                class_name="btn",
            ),
            class_name="secret",
        ),
        rx.el.p(
            "Whoever has it can stream as you. Keep it off the screen while you are live.",
            id="stream-key-hint",
            class_name="field__hint",
        ),
        rx.el.div(
            confirmed_button(
                "rotate",
                "New stream key",
                "The old key stops working at once. A running stream goes on.",
                "Make a new key",
                StudioState.rotate_key,
                icon="refresh-cw",
                class_name="btn--secondary btn--sm",
            ),
            class_name="encoder__rotate",
        ),
        class_name="field",
    )


def _how_to(title: str, content: rx.Component, *, is_open: bool) -> rx.Component:
    return rx.el.details(
        rx.el.summary(rx.icon("chevron-right", size=16), title, class_name="how-to__title"),
        content,
        open=is_open,
        class_name="how-to",
    )


def _obs() -> rx.Component:
    return rx.el.ol(
        _step("Settings → Stream", "Service ", _set("Custom…"), ", then paste Server and Stream Key."),
        _step(
            "Settings → Output → Advanced", "Rate control ", _set("CBR"), ", bitrate ", _set("2500 to 6000 kbps"), "."
        ),
        _step("Same page", "Keyframe interval ", _set("1 s"), ", at most 2 s: viewers join and catch up by it."),
        _step("Same page", "Profile ", _set("high"), ", tune ", _set("zerolatency"), ", no B-frames."),
        _step("Settings → Audio", "Sample rate ", _set("48 kHz"), "; in Output, audio bitrate ", _set("160"), "."),
        _step("Start Streaming", "This page turns live a few seconds later."),
        class_name="checklist",
    )


def _step(where: str, *what: rx.Component | str) -> rx.Component:
    return rx.el.li(rx.el.strong(where, class_name="checklist__where"), rx.el.span(*what))


def _set(value: str) -> rx.Component:
    return rx.el.b(value, class_name="checklist__value")


def _ffmpeg() -> rx.Component:
    return rx.el.div(
        rx.el.pre(
            rx.el.code(StudioState.shown_command), tab_index=0, aria_label="ffmpeg command", class_name="command"
        ),
        rx.el.div(
            rx.el.button(
                rx.icon("copy", size=16),
                "Copy command",
                type="button",
                on_click=StudioState.copy_command,
                class_name="btn btn--secondary",
            ),
            rx.el.span("The copy has your stream key in it.", class_name="field__hint"),
            class_name="row row--wrap",
        ),
        class_name="stack",
    )
