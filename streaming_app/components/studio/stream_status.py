"""The preview and status of the owner's stream, with a button to end it."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import countdown, uptime
from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.feed.listeners import viewer_count
from streaming_app.components.form_controls import copy_button
from streaming_app.components.layout import nav_link, stream_badge
from streaming_app.components.player.live_player import live_player
from streaming_app.state.studio import StudioState


def stream_status() -> rx.Component:
    """The panel with preview, status and actions."""
    channel = StudioState.channel
    return rx.el.section(
        live_player(
            src=channel.playlist,
            low_latency=channel.low_latency,
            realtime=channel.realtime,
            stream_state=channel.state,
            poster=channel.preview,
            title=channel.title,
            own=True,
        ),
        rx.el.div(_status(), _end_hold(), _actions(), class_name="stream-status__bar"),
        class_name="panel stream-status",
        aria_label="Your stream",
    )


def _status() -> rx.Component:
    channel = StudioState.channel
    return rx.el.div(
        rx.el.div(
            rx.el.span(stream_badge(channel.state), role="status"),
            rx.cond(
                channel.state != "offline",
                rx.fragment(
                    rx.el.span(rx.icon("clock", size=16), uptime(since=channel.started_at), class_name="about__fact"),
                    viewer_count(channel.feed),
                ),
            ),
            class_name="about__facts",
        ),
        rx.el.p(
            rx.match(
                channel.state,
                ("live", rx.fragment("You are live. This is what viewers see.")),
                (
                    "reconnecting",
                    rx.fragment(
                        "No video from your encoder for ",
                        uptime(since=StudioState.waiting_since),
                        ". Start it again to continue the same stream.",
                    ),
                ),
                rx.fragment("Start streaming in your software. This page updates when your stream starts."),
            ),
            class_name="stream-status__words",
        ),
        class_name="stream-status__status",
        custom_attrs={"data-stream": channel.state},
    )


def _end_hold() -> rx.Component:
    """The countdown until the encoder can reconnect after "End stream", with a button to allow it earlier."""
    return rx.cond(
        StudioState.held_seconds > 0,
        rx.el.div(
            rx.el.p(
                "Your encoder can't reconnect for ",
                countdown(seconds=StudioState.held_seconds, on_end=StudioState.hold_ended),
                ", so that it doesn't start a new stream automatically.",
                class_name="end-hold__words",
            ),
            rx.el.button(
                "Allow it now",
                type="button",
                on_click=StudioState.allow_restart,
                class_name="btn btn--secondary btn--sm",
            ),
            class_name="end-hold",
        ),
    )


def _actions() -> rx.Component:
    channel = StudioState.channel
    return rx.el.div(
        rx.cond(
            channel.state != "offline",
            confirm_button(
                "end",
                "End stream",
                "End the stream?",
                "This ends the stream for everyone. Your encoder is disconnected and can't reconnect for "
                f"{StudioState.end_hold}.",
                "End it now",
                StudioState.end_stream,
                icon="square",
                class_name="btn--danger",
            ),
        ),
        nav_link(
            rx.icon("external-link", size=16),
            "Your channel",
            to=routes.channel(channel.slug),
            class_name="btn btn--secondary",
        ),
        copy_button(StudioState.channel_url, "Share", what="the link to your channel", icon="link"),
        class_name="row row--wrap",
    )
