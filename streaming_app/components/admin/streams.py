"""The live streams and the blocked channels, for staff."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.admin.reason_and_length import reason_and_length
from streaming_app.components.clock import local_date, timer, uptime
from streaming_app.components.entries import entry_list
from streaming_app.components.form_controls import submit_or_cancel
from streaming_app.components.layout import nav_link
from streaming_app.state.admin_streams import BLOCK_LENGTHS, AdminStreams
from streaming_app.state.admin_view_models import BlockView, LiveView

REFRESH_SECONDS = 10


def live_streams() -> rx.Component:
    """The list of live streams, and the form that cuts one off."""
    return rx.el.section(
        timer(seconds=REFRESH_SECONDS, on_tick=AdminStreams.refresh),
        entry_list(AdminStreams.live, _live, "Nobody is live."),
        class_name="panel stack",
        aria_label="Live streams",
    )


def cut_off_form() -> rx.Component:
    """The form for the chosen stream."""
    errors = AdminStreams.errors
    return rx.cond(
        AdminStreams.chosen.channel_id != "",
        rx.el.section(
            rx.el.h2("Cut off ", AdminStreams.chosen.name, id="cut-off", class_name="panel__title"),
            rx.el.p(
                "The stream ends now, and the encoder of this channel is refused for the time that you choose.",
                class_name="field__hint",
            ),
            rx.el.form(
                *reason_and_length("streamer", BLOCK_LENGTHS, reason_error=errors.reason, length_error=errors.duration),
                submit_or_cancel("Cut off", AdminStreams.choose("")),
                on_submit=AdminStreams.cut_off,
                no_validate=True,
                class_name="form",
            ),
            class_name="panel stack",
            aria_labelledby="cut-off",
        ),
    )


def blocked_channels() -> rx.Component:
    """The channels that may not stream, with buttons that allow it again."""
    return rx.el.section(
        rx.el.h2("Blocked channels", id="blocked", class_name="panel__title"),
        entry_list(AdminStreams.blocked, _blocked, "No channel is blocked."),
        class_name="panel stack",
        aria_labelledby="blocked",
    )


def _live(stream: LiveView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                nav_link(stream.name, to=routes.channel(stream.slug), class_name="link entry__name"),
                rx.el.span(stream.title),
                class_name="entry__line",
            ),
            rx.el.p(
                "live for ", uptime(since=stream.started_at), " · viewers: ", stream.viewers, class_name="entry__reason"
            ),
            class_name="entry__body",
        ),
        rx.el.button(
            "Cut off",
            type="button",
            on_click=AdminStreams.choose(stream.channel_id),
            aria_label=f"Cut off {stream.name}",
            class_name="btn btn--danger btn--sm",
        ),
        key=stream.channel_id,
        class_name="entry",
    )


def _blocked(block: BlockView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(block.name, class_name="entry__name"),
                rx.cond(
                    block.until != "",
                    rx.el.span("until ", local_date(at=block.until, long=True), class_name="badge"),
                    rx.el.span("until allowed again", class_name="badge"),
                ),
                class_name="entry__line",
            ),
            rx.el.p("by ", block.by, ": ", block.reason, class_name="entry__reason"),
            class_name="entry__body",
        ),
        rx.el.button(
            "Allow",
            type="button",
            on_click=AdminStreams.allow(block.channel_id),
            aria_label=f"Allow {block.name} to stream",
            class_name="btn btn--secondary btn--sm",
        ),
        key=block.channel_id,
        class_name="entry",
    )
