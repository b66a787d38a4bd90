"""Where a channel's moderators keep its chat in order."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.feed.feed_parts import moderation_listener
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.components.moderation.emotes import emotes
from streaming_app.components.moderation.held import held
from streaming_app.components.moderation.log import log
from streaming_app.components.moderation.people import bans, moderators
from streaming_app.components.moderation.rules import rules
from streaming_app.components.steady import steady
from streaming_app.pages.not_found import nothing_here
from streaming_app.state.moderation import ModerationState
from streaming_app.state.session import SessionState


def moderation() -> rx.Component:
    """The desk, for who may sit at it; nothing of it for anyone else."""
    return rx.cond(
        ModerationState.missing,
        page(nothing_here("channel")),
        page(
            rx.cond(
                ModerationState.refusal != "",
                _closed(),
                steady(_desk(), _waiting(), ready=ModerationState.channel_id != ""),
            )
        ),
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        moderation,
        route=routes.MODERATION,
        title=rx.cond(
            ModerationState.name != "", f"Moderation · {ModerationState.name}", theme.page_title("Moderation")
        ),
        on_load=ModerationState.open,
    )


def _desk() -> rx.Component:
    return rx.el.div(
        moderation_listener(path=ModerationState.feed, on_change=ModerationState.refresh),
        rx.el.header(
            rx.el.h1("Moderation", class_name="studio__title"),
            rx.el.nav(
                rx.cond(
                    ModerationState.channel_slug == SessionState.slug,
                    _back("Studio", routes.STUDIO),
                ),
                _back(ModerationState.name, routes.channel(ModerationState.channel_slug)),
                class_name="row",
                aria_label="Back",
            ),
            class_name="row row--between row--wrap",
        ),
        rx.el.div(
            rx.el.div(held(), bans(), moderators(), class_name="studio__column"),
            rx.el.div(rules(), emotes(), class_name="studio__column moderation__rules"),
            rx.el.div(log(), class_name="studio__column moderation__log"),
            class_name="moderation__desk",
        ),
        class_name="moderation stack",
    )


def _back(label: str, to: str | rx.Var[str]) -> rx.Component:
    return nav_link(rx.icon("arrow-left", size=16), label, to=to, class_name="btn btn--secondary btn--sm")


def _waiting() -> rx.Component:
    return rx.el.div(
        rx.el.div(class_name="skeleton studio__title"),
        rx.el.div(
            rx.el.div(class_name="skeleton studio__wait"),
            rx.el.div(class_name="skeleton studio__wait"),
            class_name="studio__columns",
        ),
        rx.el.span("Opening the moderation page", class_name="visually-hidden", role="status"),
        class_name="moderation stack",
    )


def _closed() -> rx.Component:
    return notice(
        "This page is for moderators",
        ModerationState.refusal,
        nav_link("Back to the channel", to=routes.channel(ModerationState.channel_slug), class_name="btn btn--primary"),
    )
