"""Follow a channel: the button, and how many do."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.layout import nav_link
from streaming_app.state.follow import FollowState, keep_wish
from streaming_app.state.session import SessionState
from streaming_app.state.watch import WatchState


def follow_button() -> rx.Component:
    """The button; nothing on one's own channel, and the way to sign in for who is signed out."""
    channel = WatchState.channel
    return rx.cond(
        SessionState.username == "",
        nav_link(
            rx.icon("heart", size=16),
            "Follow",
            to=routes.login(routes.channel(channel.slug)),
            on_click=keep_wish(channel.slug),
            aria_label=f"Follow {channel.name}: sign in first",
            class_name="btn btn--primary follow",
        ),
        rx.cond(SessionState.slug != channel.slug, _button()),
    )


def follower_count() -> rx.Component:
    """How many follow the channel; nothing while nobody does."""
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
