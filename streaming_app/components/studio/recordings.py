"""The recordings of the owner's channel: the recording switch, the used storage, and a button to delete each."""

import reflex as rx
from reflex_components_core.el.elements.forms import CheckboxInput

from streaming_app import routes
from streaming_app.components.clock import local_date
from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link
from streaming_app.components.optional_image import picture
from streaming_app.state.recording_view_models import RecordingView
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_recordings import StudioRecordings

_COUNT = rx.Var.create(StudioRecordings.recordings).length()


def recordings() -> rx.Component:
    """The recordings panel."""
    return rx.el.section(
        rx.el.h2("Recordings", id="studio-recordings-title", class_name="panel__title"),
        keep_mounted(
            rx.el.label(
                CheckboxInput.create(
                    type="checkbox",
                    role="switch",
                    checked=StudioRecordings.records,
                    on_change=StudioRecordings.record,
                    aria_describedby="record-line",
                    class_name="switch__mark",
                ),
                rx.el.span("Record my streams", class_name="switch__label"),
                rx.el.span(
                    "Anyone can watch them on your channel later, with chat replay. Kept for ",
                    StudioRecordings.kept_days,
                    rx.cond(StudioRecordings.kept_days == 1, " day.", " days."),
                    id="record-line",
                    class_name="switch__line",
                ),
                class_name="switch",
            ),
            ready=StudioRecordings.kept_days > 0,
        ),
        rx.el.p(
            rx.cond(
                StudioRecordings.records & (StudioState.channel.state != "offline"),
                rx.el.span("Recording this stream.", class_name="studio-recordings__now"),
            ),
            role="status",
            class_name="studio-recordings__status",
        ),
        rx.cond(
            _COUNT > 0,
            rx.fragment(
                _quota(),
                rx.el.ul(rx.foreach(StudioRecordings.recordings, _item), class_name="studio-recordings", role="list"),
            ),
        ),
        class_name="panel stack",
        aria_labelledby="studio-recordings-title",
    )


def _quota() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.div(class_name="quota__used", style={"width": f"{StudioRecordings.used_percent}%"}),
            class_name="quota__bar",
            aria_hidden="true",
        ),
        rx.el.p(
            f"{StudioRecordings.used} of {StudioRecordings.quota} used. When full, the oldest are deleted.",
            class_name="quota__words",
        ),
        class_name="quota",
    )


def _item(recording: RecordingView) -> rx.Component:
    name = "studio-recordings-" + recording.recording_id
    title, when, length = name + "-title", name + "-when", name + "-length"
    return rx.el.li(
        rx.el.div(picture(recording.poster), class_name="studio-recordings__picture art"),
        rx.el.div(
            rx.cond(
                recording.is_empty,
                rx.el.p(recording.title, id=title, class_name="studio-recordings__title"),
                nav_link(
                    rx.el.span(recording.title, id=title),
                    to=routes.recording(recording.slug, recording.recording_id),
                    aria_labelledby=f"{title} {when} {length}",
                    class_name="studio-recordings__title link",
                ),
            ),
            rx.el.p(
                rx.el.span(recording.duration, aria_label=recording.spoken, id=length),
                rx.el.span(local_date(at=recording.started_at), id=when),
                rx.el.span(recording.size),
                class_name="studio-recordings__facts",
            ),
            rx.cond(recording.note != "", rx.el.p(recording.note, class_name="studio-recordings__note")),
        ),
        rx.el.div(
            confirm_button(
                recording.recording_id,
                "Delete",
                f"Delete {recording.title}?",
                rx.fragment("Recorded on ", local_date(at=recording.started_at), ". This can't be undone."),
                "Delete recording",
                StudioRecordings.delete(recording.recording_id),
                icon="trash-2",
                about=f"{title} {when} {length}",
                class_name="btn--danger btn--sm",
            ),
            class_name="studio-recordings__action",
        ),
        key=recording.recording_id,
        class_name="studio-recordings__item",
    )
