"""The follow button of a channel and its follower count."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.layout import nav_link
from streaming_app.state.follow import FollowIntent, FollowState
from streaming_app.state.session import SessionState
from streaming_app.state.watch import WatchState


def follow_button() -> rx.Component:
    """The follow button. Signed-out viewers get a link to sign in; the owner of the channel gets nothing."""
    channel = WatchState.channel
    return rx.cond(
        SessionState.username == "",
        nav_link(
            rx.icon("heart", size=16),
            "Follow",
            to=routes.login(routes.channel(channel.slug)),
            on_click=FollowIntent.remember(channel.slug),
            aria_label=f"Follow {channel.name}: sign in first",
            class_name="btn btn--primary follow",
        ),
        rx.cond(SessionState.slug != channel.slug, _button()),
    )


def follower_count() -> rx.Component:
    """The number of followers; nothing if there are none."""
    return rx.cond(
        FollowState.followers > 0,
        rx.el.span(
            FollowState.followers,
            rx.cond(FollowState.followers == 1, " follower", " followers"),
            class_name="about__followers",
        ),
    )


def _button() -> rx.Component:
    channel = WatchState.channel
    return rx.el.button(
        rx.el.span(class_name="spinner btn__pending", aria_hidden="true"),
        rx.icon("heart", size=16),
        rx.cond(FollowState.following, "Following", "Follow"),
        type="button",
        on_click=FollowState.toggle,
        aria_busy=FollowState.pending,
        aria_pressed=FollowState.following,
        aria_label=f"Follow {channel.name}",
        class_name=rx.cond(FollowState.following, "btn btn--secondary follow follow--on", "btn btn--primary follow"),
    )
