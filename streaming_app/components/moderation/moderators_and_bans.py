"""The moderators of a channel, and its bans and timeouts."""

from typing import Any

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list
from streaming_app.components.form_controls import field, form_error, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.state.moderation import BAN_FORM, MODERATOR_FORM, ModerationState
from streaming_app.state.moderation_view_models import BanView


def moderators() -> rx.Component:
    """The panel of moderators. Only the owner can add or remove them."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Moderators", id="moderators-title", class_name="panel__title"),
            rx.el.p("Moderators can delete messages and ban people.", class_name="panel__lead"),
        ),
        entry_list(ModerationState.moderators, _moderator, "No moderators yet."),
        keep_mounted(
            rx.el.form(
                _typed("moderator", "Add a moderator", ModerationState.name_error, placeholder="Username"),
                submit("Add", class_name="btn--secondary"),
                on_submit=ModerationState.appoint,
                id=MODERATOR_FORM,
                no_validate=True,
                class_name="form form--row",
            ),
            rx.fragment(),
            ready=ModerationState.is_owner,
        ),
        class_name="panel stack",
        aria_labelledby="moderators-title",
    )


def bans() -> rx.Component:
    """The panel of bans and timeouts."""
    return rx.el.section(
        rx.el.h2("Bans and timeouts", id="bans-title", class_name="panel__title"),
        entry_list(ModerationState.bans, _ban, "No one is banned or timed out."),
        rx.el.details(
            rx.el.summary(rx.icon("chevron-right", size=16), "Ban someone"),
            rx.el.form(
                _typed("chatter", "Who", placeholder="Username"),
                _typed(
                    "length", "How long", optional=True, hint="e.g. 10m, 2h or 3d. Leave empty for a permanent ban."
                ),
                _typed("reason", "Reason", optional=True, hint="Shown to them."),
                form_error(ModerationState.ban_error),
                submit("Ban", class_name="btn--secondary"),
                on_submit=ModerationState.ban,
                id=BAN_FORM,
                no_validate=True,
                class_name="form",
            ),
            class_name="how-to how-to--alone",
        ),
        class_name="panel stack",
        aria_labelledby="bans-title",
    )


def _typed(name: str, label: str, error: str = "", **props: Any) -> rx.Component:
    return field(name, label, error, auto_complete="off", auto_capitalize="none", spell_check=False, **props)


def _moderator(name: str) -> rx.Component:
    return rx.el.li(
        rx.el.strong(name, class_name="entry__name"),
        rx.cond(
            ModerationState.is_owner,
            rx.el.button(
                "Remove",
                type="button",
                on_click=ModerationState.dismiss(name),
                aria_label=f"Remove {name} from the moderators",
                class_name="btn btn--danger btn--sm",
            ),
        ),
        key=name,
        class_name="entry",
    )


def _ban(ban: BanView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(ban.name, class_name="entry__name"),
                rx.cond(
                    ban.until != "",
                    rx.el.span("until ", local_date(at=ban.until, long=True), class_name="badge"),
                    rx.el.span("permanent", class_name="badge"),
                ),
                class_name="entry__line",
            ),
            rx.el.p("by ", ban.by, rx.cond(ban.reason != "", rx.el.span(": ", ban.reason)), class_name="entry__reason"),
            class_name="entry__body",
        ),
        rx.el.button(
            "Unban",
            type="button",
            on_click=ModerationState.unban(ban.name),
            aria_label=f"Unban {ban.name}",
            class_name="btn btn--secondary btn--sm",
        ),
        key=ban.name,
        class_name="entry",
    )
