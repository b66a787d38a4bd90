"""The moderation page of a channel."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.feed.listeners import moderation_listener
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.components.moderation.emotes import emotes
from streaming_app.components.moderation.held_messages import held_messages
from streaming_app.components.moderation.moderation_log import log
from streaming_app.components.moderation.moderators_and_bans import bans, moderators
from streaming_app.components.moderation.rules_form import rules
from streaming_app.components.signed_in import signed_in
from streaming_app.pages.not_found import not_found_notice
from streaming_app.state.moderation import ModerationState
from streaming_app.state.session import SessionState


def moderation() -> rx.Component:
    """The moderation panels for moderators; a notice for everyone else."""
    return rx.cond(
        ModerationState.missing,
        page(not_found_notice("channel")),
        page(
            rx.cond(
                ModerationState.refusal != "",
                _access_denied(),
                signed_in(
                    keep_mounted(_dashboard(), _skeleton(), ready=ModerationState.channel_id != ""),
                    _signed_out(),
                    is_known=ModerationState.is_hydrated,
                ),
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


def _dashboard() -> rx.Component:
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
            rx.el.div(held_messages(), bans(), moderators(), class_name="studio__column"),
            rx.el.div(rules(), emotes(), class_name="studio__column moderation__rules"),
            rx.el.div(log(), class_name="studio__column moderation__log"),
            class_name="moderation__panels",
        ),
        class_name="moderation stack",
    )


def _back(label: str, to: str | rx.Var[str]) -> rx.Component:
    return nav_link(rx.icon("arrow-left", size=16), label, to=to, class_name="btn btn--secondary btn--sm")


def _skeleton() -> rx.Component:
    return rx.el.div(
        rx.el.div(class_name="skeleton studio__title"),
        rx.el.div(
            rx.el.div(class_name="skeleton studio__skeleton"),
            rx.el.div(class_name="skeleton studio__skeleton"),
            class_name="studio__columns",
        ),
        rx.el.span("Opening the moderation page", class_name="visually-hidden", role="status"),
        class_name="moderation stack",
    )


def _signed_out() -> rx.Component:
    return notice(
        "You are signed out",
        "Sign in to open this page.",
        nav_link("Sign in", to=routes.LOGIN, class_name="btn btn--primary"),
    )


def _access_denied() -> rx.Component:
    return notice(
        "This page is for moderators",
        ModerationState.refusal,
        nav_link("Back to the channel", to=routes.channel(ModerationState.channel_slug), class_name="btn btn--primary"),
    )
