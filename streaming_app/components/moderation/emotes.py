"""The emotes of a channel, for users who may delete them."""

import reflex as rx

from streaming_app.components.studio.emotes import emote_list
from streaming_app.state.moderation import ModerationState


def emotes() -> rx.Component:
    """The emotes panel; nothing if there is no emote that this user may delete."""
    return rx.cond(
        rx.Var.create(ModerationState.emotes).length() > 0,
        rx.el.section(
            rx.el.div(
                rx.el.h2("Emotes", id="emotes-title", class_name="panel__title"),
                rx.el.p("The channel's owner adds emotes in the studio.", class_name="panel__lead"),
            ),
            emote_list(ModerationState.emotes, ModerationState.delete_emote),
            class_name="panel stack",
            aria_labelledby="emotes-title",
        ),
    )
