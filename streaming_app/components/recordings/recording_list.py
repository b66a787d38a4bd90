"""The public recordings of a channel."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import local_date
from streaming_app.components.layout import nav_link
from streaming_app.components.optional_image import picture
from streaming_app.state.recording_view_models import RecordingView

ANCHOR = "recordings"
"""The id of the list, for links to it."""


def recording_list(recordings: list[RecordingView], title: str = "Recordings") -> rx.Component:
    """The list of recordings, newest first; nothing when there are none."""
    return rx.cond(
        rx.Var.create(recordings).length() > 0,
        rx.el.section(
            rx.el.h2(title, id="recordings-title", class_name="recordings__title"),
            rx.el.div(rx.foreach(recordings, recording_card), class_name="recording-grid"),
            id=ANCHOR,
            class_name="recordings",
            aria_labelledby="recordings-title",
        ),
    )


def recording_card(recording: RecordingView) -> rx.Component:
    """The card of one recording. The whole card is a link, named by title, time and length."""
    name = "recording-" + recording.recording_id
    title, when, length = name + "-title", name + "-when", name + "-length"
    return rx.el.article(
        rx.el.div(
            picture(recording.poster),
            rx.el.div(
                rx.el.span(recording.duration, aria_label=recording.spoken, id=length, class_name="badge badge--over"),
                class_name="stream-card__over stream-card__over--bottom recording-card__length",
            ),
            class_name="stream-card__picture art",
        ),
        rx.el.div(
            rx.el.h3(
                nav_link(
                    rx.el.span(recording.title, id=title),
                    to=routes.recording(recording.slug, recording.recording_id),
                    aria_labelledby=f"{title} {when} {length}",
                    class_name="stream-card__link",
                ),
                class_name="stream-card__title",
            ),
            rx.el.p(
                rx.el.span(local_date(at=recording.started_at), id=when),
                rx.cond(recording.category != "", rx.el.span(recording.category)),
                class_name="stream-card__meta",
            ),
        ),
        key=recording.recording_id,
        class_name="stream-card recording-card",
    )
