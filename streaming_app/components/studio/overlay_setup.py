"""The URL of the chat overlay and instructions to add it to OBS."""

import reflex as rx

from streaming_app.components.form_controls import copy_field
from streaming_app.components.studio.encoder_settings import how_to, setting, step
from streaming_app.state.studio import StudioState


def overlay() -> rx.Component:
    """The overlay panel; see docs/overlay.md."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Chat overlay", id="overlay-title", class_name="panel__title"),
            rx.el.p("Show your chat on top of your stream.", class_name="panel__lead"),
        ),
        copy_field("overlay-url", "Overlay URL", StudioState.overlay_url),
        rx.el.div(how_to("Add it to OBS", _steps(), is_open=False), class_name="how-tos"),
        class_name="panel stack",
        aria_labelledby="overlay-title",
    )


def _steps() -> rx.Component:
    return rx.el.ol(
        step("Sources → + → Browser", "Paste the URL. Width and height, for example ", setting("500 x 700"), "."),
        step("Larger text", "Add ", setting("?size=32"), " to the URL: 10 to 96 pixels."),
        step(
            "Old messages fade",
            "Add ",
            setting("?fade=20"),
            " (seconds), or ",
            setting("?size=32&fade=20"),
            " for both.",
        ),
        class_name="checklist",
    )
