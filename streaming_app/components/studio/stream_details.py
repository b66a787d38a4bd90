"""The form for the title and category of a stream."""

import reflex as rx

from streaming_app.components.form_controls import field, submit
from streaming_app.state.studio import StudioState


def stream_details() -> rx.Component:
    """The panel with the form."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("About your stream", id="words-title", class_name="panel__title"),
            rx.el.p("You can change this while you are live.", class_name="panel__lead"),
        ),
        rx.el.form(
            field(
                "title",
                "Title",
                StudioState.title_error,
                default_value=StudioState.title,
                auto_complete="off",
                max_length=400,
            ),
            field(
                "category",
                "Category",
                StudioState.category_error,
                optional=True,
                default_value=StudioState.category,
                auto_complete="off",
                placeholder="Music, chess, just talking…",
                max_length=200,
            ),
            submit("Save", class_name="btn--secondary"),
            on_submit=StudioState.describe,
            no_validate=True,
            class_name="form",
        ),
        class_name="panel stack",
        aria_labelledby="words-title",
    )
