"""The encoder settings: server, stream key, and instructions for OBS and ffmpeg."""

import reflex as rx

from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.form_controls import copy_field, read_only_value
from streaming_app.state.studio import StudioState


def encoder() -> rx.Component:
    """The panel with server, stream key and instructions."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Set up your streaming software", id="encoder-title", class_name="panel__title"),
            rx.el.p(
                "Paste these into OBS or any RTMP app, each into its own field: server and stream key.",
                class_name="panel__lead",
            ),
        ),
        _server(),
        _stream_key(),
        rx.el.div(
            how_to("OBS Studio, step by step", _obs(), is_open=StudioState.channel.state == "offline"),
            how_to("ffmpeg, in one line", _ffmpeg(), is_open=False),
            class_name="how-tos",
        ),
        class_name="panel stack",
        aria_labelledby="encoder-title",
    )


def _server() -> rx.Component:
    without_tls = StudioState.server_without_tls
    hint = rx.fragment("If your encoder does not support RTMPS, use ", rx.el.code(without_tls), " instead.")
    return rx.cond(
        without_tls != "",
        copy_field("server", "Server", StudioState.server, hint=hint),
        copy_field("server", "Server", StudioState.server),
    )


def _stream_key() -> rx.Component:
    shown = StudioState.stream_key != ""
    return rx.el.div(
        rx.el.label("Stream key", html_for="stream-key", class_name="field__label"),
        rx.el.div(
            read_only_value("stream-key", StudioState.shown_key, aria_describedby="stream-key-hint"),
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
            "Anyone with this key can stream to your channel. Keep it off the screen while you are live.",
            id="stream-key-hint",
            class_name="field__hint",
        ),
        rx.el.div(
            confirm_button(
                "rotate",
                "New stream key",
                "Create a new stream key?",
                "Your old key will stop working. A stream already running continues.",
                "Create new key",
                StudioState.rotate_key,
                icon="refresh-cw",
                class_name="btn--secondary btn--sm",
            ),
            class_name="encoder__rotate",
        ),
        class_name="field",
    )


def how_to(title: str, content: rx.Component, *, is_open: bool) -> rx.Component:
    """Collapsible instructions; ``is_open`` is their initial state."""
    return rx.el.details(
        rx.el.summary(rx.icon("chevron-right", size=16), title, class_name="how-to__title"),
        content,
        open=is_open,
        class_name="how-to",
    )


def _obs() -> rx.Component:
    return rx.el.ol(
        step("Settings → Stream", "Service ", setting("Custom…"), ", then paste the server and the stream key."),
        step(
            "Settings → Output → Advanced",
            "Rate control ",
            setting("CBR"),
            ", bitrate ",
            setting("2500 to 6000 kbps"),
            ".",
        ),
        step("Output → Advanced", "Keyframe interval ", setting("1 s"), " (max. 2 s)."),
        step("Output → Advanced", "Profile ", setting("high"), ", tune ", setting("zerolatency"), ", no B-frames."),
        step("Settings → Audio", "Sample rate ", setting("48 kHz"), "; in Output, audio bitrate ", setting("160"), "."),
        step("Start Streaming", "This page shows LIVE a few seconds later."),
        class_name="checklist",
    )


def step(where: str, *what: rx.Component | str) -> rx.Component:
    """One instruction: the place in the software, then the action."""
    return rx.el.li(rx.el.strong(where, class_name="checklist__where"), rx.el.span(*what))


def setting(value: str) -> rx.Component:
    """A value to type or choose in other software."""
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
            rx.el.span("The copied command includes your stream key.", class_name="field__hint"),
            class_name="row row--wrap",
        ),
        class_name="stack",
    )
