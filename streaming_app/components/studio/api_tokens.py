"""API tokens for bots that post in chat."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.form_controls import copy_field, field, secret_field, submit
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_api_tokens import NEW_BOT_FORM, StudioTokens, TokenView


def tokens() -> rx.Component:
    """The tokens panel, collapsed at first."""
    return rx.el.section(
        rx.el.details(
            rx.el.summary(
                rx.icon("chevron-right", size=16),
                rx.el.h2("Chat API tokens", id="tokens-title", class_name="panel__title"),
            ),
            rx.el.div(
                rx.el.p(
                    "Lets a bot post in chat as you. It sends a POST request to this URL with the token as bearer.",
                    class_name="panel__lead",
                ),
                copy_field("bot-url", "Message URL", StudioState.messages_url),
                rx.cond(
                    StudioTokens.secret != "",
                    secret_field(
                        "token-secret",
                        "API token",
                        StudioTokens.secret,
                        hint="Copy it now; you won't see it again. Anyone with this token can post in chat as you.",
                    ),
                ),
                rx.cond(
                    rx.Var.create(StudioTokens.tokens).length() > 0,
                    rx.el.ul(rx.foreach(StudioTokens.tokens, _item), class_name="entries", role="list"),
                ),
                rx.el.form(
                    field(
                        "name",
                        "New token",
                        StudioTokens.name_error,
                        placeholder="Name, e.g. quiz bot",
                        auto_complete="off",
                    ),
                    submit("Create token", class_name="btn--secondary"),
                    on_submit=StudioTokens.create,
                    id=NEW_BOT_FORM,
                    no_validate=True,
                    class_name="form",
                ),
                class_name="stack",
            ),
            class_name="how-to how-to--alone",
        ),
        class_name="panel",
        aria_labelledby="tokens-title",
    )


def _item(token: TokenView) -> rx.Component:
    return rx.el.li(
        rx.el.p(
            rx.el.strong(token.name, class_name="entry__name"),
            rx.el.span("created ", local_date(at=token.created_at), class_name="entry__at"),
            class_name="entry__line",
        ),
        confirm_button(
            token.token_id,
            "Revoke",
            f"Revoke {token.name}?",
            "Bots that use this token can no longer post.",
            "Revoke token",
            StudioTokens.revoke(token.token_id),
            icon="trash-2",
            name=f"Revoke {token.name}",
            class_name="btn--danger btn--sm",
        ),
        key=token.token_id,
        class_name="entry",
    )
