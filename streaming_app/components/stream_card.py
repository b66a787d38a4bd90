"""A live stream in a list: preview, title, channel, category, viewers and uptime."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import uptime
from streaming_app.components.layout import avatar, nav_link, stream_badge
from streaming_app.components.optional_image import preview
from streaming_app.state.view_models import ChannelView


def stream_card(stream: ChannelView) -> rx.Component:
    """The card of one stream. The whole card is a link to its channel."""
    return rx.el.article(
        rx.el.div(
            rx.el.span(stream.initials, class_name="art__initials", aria_hidden="true"),
            preview(src=stream.preview),
            rx.el.div(stream_badge(stream.state), class_name="stream-card__over"),
            rx.el.div(
                rx.el.span(rx.icon("eye", size=14), stream.viewers, class_name="badge badge--over"),
                rx.el.span(uptime(since=stream.started_at), class_name="badge badge--over"),
                class_name="stream-card__over stream-card__over--bottom",
            ),
            class_name="stream-card__picture art",
        ),
        rx.el.div(
            avatar(stream.initials, stream.hue, stream.avatar),
            rx.el.div(
                rx.el.h3(
                    nav_link(
                        stream.title,
                        to=routes.channel(stream.slug),
                        aria_label=_spoken(stream),
                        class_name="stream-card__link",
                    ),
                    class_name="stream-card__title",
                ),
                rx.el.p(
                    rx.el.span(stream.name),
                    rx.cond(stream.category != "", rx.el.span(stream.category)),
                    class_name="stream-card__meta",
                ),
            ),
            class_name="stream-card__body",
        ),
        key=stream.channel_id,
        class_name="stream-card",
        style={"--hue": stream.hue},
    )


def _spoken(stream: ChannelView) -> str:
    """The accessible name of a card: title, channel, state and viewers."""
    state = rx.cond(stream.state == "reconnecting", "reconnecting", "live")
    viewers = rx.cond(stream.viewers == 1, "1 viewer", f"{stream.viewers} viewers")
    return f"{stream.title}, {stream.name}, {state}, {viewers}"


def stream_card_skeleton() -> rx.Component:
    """The placeholder of a card while the list loads."""
    return rx.el.div(
        rx.el.div(class_name="stream-card__picture skeleton"),
        rx.el.div(
            rx.el.div(class_name="avatar skeleton"),
            rx.el.div(
                rx.el.div(class_name="skeleton", style={"height": "1rem", "width": "80%"}),
                rx.el.div(class_name="skeleton", style={"height": "0.75rem", "width": "45%", "marginTop": "0.5rem"}),
            ),
            class_name="stream-card__body",
        ),
        class_name="stream-card",
        aria_hidden="true",
    )
