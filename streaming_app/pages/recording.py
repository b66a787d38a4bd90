"""The page of a recording: the video with its chat replay."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.chat.chat_replay import chat_replay
from streaming_app.components.clock import local_date
from streaming_app.components.form_controls import copy_button
from streaming_app.components.layout import about_skeleton, avatar, nav_link
from streaming_app.components.player.recording_player import recording_player
from streaming_app.components.recordings.recording_list import recording_list
from streaming_app.pages.not_found import page_or_not_found, page_title
from streaming_app.state.recording import RecordingState


def recording() -> rx.Component:
    """The recording in the URL."""
    return page_or_not_found(RecordingState.missing, "recording", _recording(), _to_channel())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        recording,
        route=routes.RECORDING,
        title=page_title(
            RecordingState.missing,
            "recording",
            RecordingState.recording.title,
            f"{RecordingState.recording.title} · {RecordingState.channel.name}",
        ),
        on_load=RecordingState.open,
    )


def _to_channel() -> rx.Component:
    """A link from a missing recording to its channel."""
    channel = RecordingState.channel
    return rx.cond(
        channel.slug != "",
        nav_link(f"Go to {channel.name}", to=routes.channel(channel.slug), class_name="btn btn--secondary"),
    )


def _recording() -> rx.Component:
    shown = RecordingState.recording
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                recording_player(src=shown.playlist, poster=shown.poster, title=shown.title), class_name="watch__stage"
            ),
            rx.el.div(
                rx.cond(RecordingState.channel.slug != "", _about(), about_skeleton(buttons=1)),
                class_name="watch__about",
            ),
            rx.el.div(chat_replay(shown.chat, RecordingState.channel.channel_id), class_name="watch__chat"),
            class_name="watch__screen",
        ),
        recording_list(RecordingState.others, "More recordings"),
        class_name="watch",
        style={"--hue": RecordingState.channel.hue},
    )


def _about() -> rx.Component:
    shown, channel = RecordingState.recording, RecordingState.channel
    return rx.el.section(
        avatar(channel.initials, channel.hue, channel.avatar, "lg"),
        rx.el.div(
            rx.el.h1(shown.title, class_name="about__title"),
            rx.el.p(
                nav_link(channel.name, to=routes.channel(channel.slug), class_name="about__name link"),
                rx.cond(shown.category != "", rx.el.span(shown.category, class_name="chip")),
                class_name="about__line",
            ),
            class_name="about__text",
        ),
        rx.el.div(
            rx.cond(
                channel.state == "live",
                nav_link("Live now", to=routes.channel(channel.slug), class_name="badge badge--live about__live-now"),
            ),
            rx.el.span(
                rx.icon("calendar", size=16), local_date(at=shown.started_at, long=True), class_name="about__fact"
            ),
            rx.el.span(
                rx.icon("clock", size=16),
                rx.el.span(shown.duration, aria_label=shown.spoken),
                class_name="about__fact",
            ),
            class_name="about__facts",
        ),
        rx.el.div(copy_button("", "Share", what="a link to this recording", icon="link"), class_name="about__actions"),
        class_name="about",
        aria_label="About this recording",
    )
