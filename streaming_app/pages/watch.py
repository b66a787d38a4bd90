"""The watch page of a channel: video, details and chat."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.chat.chat_pane import chat_pane
from streaming_app.components.clock import uptime
from streaming_app.components.feed.listeners import stream_end_listener, viewer_count
from streaming_app.components.feed.live_channel import live_channel
from streaming_app.components.follow_button import follow_button, follower_count
from streaming_app.components.form_controls import copy_button
from streaming_app.components.layout import about_skeleton, avatar, nav_link, stream_badge
from streaming_app.components.player.live_player import live_player
from streaming_app.components.recordings.recording_list import ANCHOR, recording_list
from streaming_app.pages.not_found import page_or_not_found, page_title
from streaming_app.state.follow import FollowState
from streaming_app.state.watch import WatchState

_CHANNEL = live_channel(WatchState.channel)
_RECORDINGS = rx.Var.create(WatchState.recordings).length()


def watch() -> rx.Component:
    """The channel in the URL, live or offline."""
    return page_or_not_found(WatchState.missing, "channel", _watch())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        watch,
        route=routes.CHANNEL,
        title=page_title(
            WatchState.missing,
            "channel",
            _CHANNEL.title,
            f"{_CHANNEL.title} · {_CHANNEL.name}",
        ),
        on_load=[WatchState.open, FollowState.open],
    )


def _watch() -> rx.Component:
    channel = _CHANNEL
    return rx.el.div(
        rx.el.div(
            rx.el.div(
                live_player(
                    src=channel.playlist,
                    low_latency=channel.low_latency,
                    realtime=channel.realtime,
                    stream_state=channel.state,
                    poster=channel.preview,
                    title=channel.title,
                    recording=rx.cond(
                        channel.recording_id != "", routes.recording(channel.slug, channel.recording_id), ""
                    ),
                ),
                class_name="watch__stage",
            ),
            rx.el.div(rx.cond(channel.state != "", _about(), about_skeleton(buttons=2)), class_name="watch__about"),
            rx.el.div(
                chat_pane(
                    channel.channel_id,
                    channel.feed,
                    channel.slug,
                    routes.channel(channel.slug),
                ),
                class_name="watch__chat",
            ),
            class_name="watch__screen",
        ),
        recording_list(WatchState.recordings),
        stream_end_listener(
            path=WatchState.channel.feed, shown=WatchState.channel.ended_at, on_change=WatchState.stream_ended
        ),
        class_name="watch",
        style={"--hue": channel.hue},
    )


def _about() -> rx.Component:
    channel = _CHANNEL
    return rx.el.section(
        avatar(channel.initials, channel.hue, channel.avatar, "lg"),
        rx.el.div(
            rx.el.h1(channel.title, class_name="about__title"),
            rx.el.p(
                rx.el.span(channel.name, class_name="about__name"),
                rx.cond(channel.category != "", rx.el.span(channel.category, class_name="chip")),
                follower_count(),
                class_name="about__line",
            ),
            class_name="about__text",
        ),
        rx.el.div(
            stream_badge(channel.state),
            viewer_count(channel.feed),
            rx.cond(
                channel.started_at != "",
                rx.el.span(rx.icon("clock", size=16), uptime(since=channel.started_at), class_name="about__fact"),
            ),
            class_name="about__facts",
        ),
        rx.el.div(
            follow_button(),
            rx.cond(
                _RECORDINGS > 0,
                rx.el.a(
                    rx.icon("film", size=16),
                    _RECORDINGS,
                    rx.cond(_RECORDINGS == 1, " recording", " recordings"),
                    href=f"#{ANCHOR}",
                    class_name="btn btn--secondary about__recordings",
                ),
            ),
            nav_link(
                rx.icon("flag", size=16),
                rx.el.span("Report", class_name="visually-hidden"),
                to=routes.report(channel.slug),
                class_name="btn btn--icon",
                title="Report this channel",
            ),
            copy_button("", "Share", what="a link to this channel", icon="link"),
            class_name="about__actions",
        ),
        class_name="about",
        aria_label="About this channel",
    )
