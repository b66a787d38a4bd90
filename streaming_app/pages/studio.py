"""The studio: the page where streamers manage their channel."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.chat.chat_pane import chat_pane
from streaming_app.components.feed.live_channel import stream_listener
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.components.signed_in import signed_in
from streaming_app.components.studio.approval import approval
from streaming_app.components.studio.delay_setting import delay
from streaming_app.components.studio.emotes import emotes
from streaming_app.components.studio.encoder_settings import encoder
from streaming_app.components.studio.overlay_setup import overlay
from streaming_app.components.studio.recordings import recordings
from streaming_app.components.studio.refused_publishers import refusals
from streaming_app.components.studio.stream_details import stream_details
from streaming_app.components.studio.stream_health import stream_health
from streaming_app.components.studio.stream_status import stream_status
from streaming_app.components.studio.viewer_delay import viewer_delay
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_approval import StudioApproval
from streaming_app.state.studio_emotes import StudioEmotes
from streaming_app.state.studio_recordings import StudioRecordings
from streaming_app.state.studio_refused_publishers import StudioRefusals


def studio() -> rx.Component:
    """The studio of the signed-in user; a notice for visitors."""
    return signed_in(
        page(
            keep_mounted(_studio(), _skeleton(), ready=StudioState.channel.channel_id != ""),
            class_name="page--wide",
            footer=False,
        ),
        page(_signed_out()),
        is_known=StudioState.is_hydrated,
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        studio,
        route=routes.STUDIO,
        title=theme.page_title("Studio"),
        description="Go live and watch your stream's health.",
        on_load=[StudioState.open, StudioRecordings.open, StudioEmotes.open, StudioRefusals.open, StudioApproval.open],
    )


def _studio() -> rx.Component:
    channel = StudioState.channel
    return rx.el.div(
        _view_choice(),
        rx.el.div(
            rx.el.div(
                rx.el.h1("Studio", class_name="studio__title"),
                nav_link(
                    rx.icon("shield", size=16),
                    "Moderation",
                    to=routes.moderation(channel.slug),
                    class_name="btn btn--secondary btn--sm",
                ),
                class_name="row row--between",
            ),
            approval(),
            rx.el.div(
                rx.el.div(stream_status(), stream_details(), delay(), viewer_delay(), class_name="studio__column"),
                rx.el.div(stream_health(), encoder(), refusals(), overlay(), class_name="studio__column"),
                class_name="studio__columns",
            ),
            emotes(),
            recordings(),
            class_name="studio__panels",
        ),
        rx.el.div(
            chat_pane(
                channel.channel_id,
                channel.feed,
                channel.slug,
                routes.STUDIO,
            ),
            class_name="studio__chat",
        ),
        stream_listener(channel=channel, on_change=[StudioState.refresh, StudioRecordings.refresh]),
        class_name="studio",
        style={"--hue": channel.hue},
    )


def _view_choice() -> rx.Component:
    """A switch between stream and chat on narrow screens (see account.css)."""
    return rx.el.fieldset(
        rx.el.legend("Show", class_name="visually-hidden"),
        _view("stream", "Stream", is_first=True),
        _view("chat", "Chat", is_first=False),
        class_name="studio__views",
    )


def _view(value: str, label: str, *, is_first: bool) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="studio-view",
            value=value,
            default_checked=is_first,
            class_name=f"visually-hidden studio__shows-{value}",
        ),
        label,
        class_name="studio__view",
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        _view_choice(),
        rx.el.div(
            rx.el.div(class_name="skeleton studio__title"),
            rx.el.div(
                rx.el.div(class_name="skeleton studio__skeleton"),
                rx.el.div(class_name="skeleton studio__skeleton"),
                class_name="studio__columns",
            ),
            rx.el.span("Opening your studio", class_name="visually-hidden", role="status"),
            class_name="studio__panels",
        ),
        rx.el.div(class_name="studio__chat"),
        class_name="studio",
    )


def _signed_out() -> rx.Component:
    return notice(
        "You are signed out",
        "Sign in to open your studio.",
        nav_link("Sign in", to=routes.login(routes.STUDIO), class_name="btn btn--primary"),
    )
