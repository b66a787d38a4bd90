"""The download of the user's data, in the settings."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.layout import full_link
from streaming_app.state.account_export import ExportState


def export_data() -> rx.Component:
    """What the download contains, and the link."""
    return rx.el.section(
        rx.el.h2("Download your data", id="export-data", class_name="panel__title"),
        rx.el.p(
            "One ZIP file with your account, sessions, API tokens, follows and chat messages, and with the settings,"
            " streams, recordings, moderation log and emotes of your channel.",
            class_name="field__hint",
        ),
        rx.cond(
            ExportState.video_size != "",
            rx.el.p(
                "Your recordings take ",
                rx.el.strong(ExportState.video_size),
                ", and the file is a little larger. A download that is interrupted starts again from the beginning.",
                class_name="field__hint",
            ),
        ),
        rx.cond(
            ExportState.is_ready,
            full_link(
                rx.icon("download", size=16),
                "Download account.zip",
                to=routes.EXPORT,
                download=True,
                class_name="btn btn--primary settings__action",
            ),
            rx.el.button(
                "Prepare the download",
                type="button",
                on_click=ExportState.prepare,
                class_name="btn btn--secondary settings__action",
            ),
        ),
        class_name="panel",
        aria_labelledby="export-data",
    )
