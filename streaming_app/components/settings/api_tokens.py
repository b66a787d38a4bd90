"""API tokens: the form for a new token, its secret, and the list of tokens."""

import reflex as rx
from reflex_components_core.el.elements.forms import CheckboxInput

from streaming_app.components.clock import local_date
from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.form_controls import field, secret_field, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.state.api_token_settings import SCOPE_CHOICES, ApiTokenSettings, TokenView

_LIFETIMES = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "1 year", "never": "No expiry"}


def new_token() -> rx.Component:
    """The form for a new token, and the secret of the token that was just created."""
    return rx.el.section(
        rx.el.h2("New token", id="new-token", class_name="panel__title"),
        rx.el.p(
            "A program that has the token acts as you, within the rights that you choose here.",
            class_name="panel__lead",
        ),
        keep_mounted(_form(), ready=ApiTokenSettings.is_loaded, version=ApiTokenSettings.version),
        rx.el.div(
            rx.cond(
                ApiTokenSettings.secret != "",
                rx.el.div(
                    rx.el.p("Token created.", class_name="form__done"),
                    secret_field(
                        "token-secret",
                        "API token",
                        ApiTokenSettings.secret,
                        hint="Copy it now: it is not shown again. Keep it secret, as you would a password.",
                    ),
                    class_name="tokens__new",
                ),
            ),
            role="status",
        ),
        class_name="panel",
        aria_labelledby="new-token",
    )


def tokens() -> rx.Component:
    """Each token with its scopes, expiry and last use, and a button that revokes it."""
    return rx.el.section(
        rx.el.h2("Your tokens", id="your-tokens", class_name="panel__title"),
        rx.el.p("Revoke a token that you no longer use, or that someone else may know.", class_name="panel__lead"),
        rx.cond(
            rx.Var.create(ApiTokenSettings.tokens).length() > 0,
            rx.el.ul(rx.foreach(ApiTokenSettings.tokens, _item), class_name="entries tokens__list", role="list"),
            rx.cond(
                ApiTokenSettings.is_loaded,
                rx.el.p("You have no tokens.", class_name="entries__none tokens__none"),
                rx.el.div(class_name="skeleton tokens__skeleton", aria_hidden="true"),
            ),
        ),
        class_name="panel",
        aria_labelledby="your-tokens",
    )


def _form() -> rx.Component:
    errors = ApiTokenSettings.errors
    return rx.el.form(
        field(
            "name",
            "Name",
            errors.name,
            hint="What the program is, such as “quiz bot”.",
            auto_complete="off",
            max_length=80,
        ),
        rx.el.fieldset(
            rx.el.legend("It may", class_name="field__label"),
            rx.el.div(*[_scope(scope, words) for scope, words in SCOPE_CHOICES], class_name="choices"),
            rx.el.p(errors.scopes, id="scopes-error", class_name="field__error", role="alert"),
            aria_describedby="scopes-error",
            class_name="field tokens__scopes",
        ),
        field(
            "lifetime",
            "Valid for",
            errors.lifetime,
            control=rx.el.select(
                *[rx.el.option(words, value=choice) for choice, words in _LIFETIMES.items()],
                id="lifetime",
                name="lifetime",
                default_value="30",
                class_name="input",
                aria_describedby="lifetime-error",
            ),
        ),
        submit("Create token"),
        on_submit=ApiTokenSettings.create,
        no_validate=True,
        class_name="form",
    )


def _scope(scope: str, words: str) -> rx.Component:
    return rx.el.label(
        CheckboxInput.create(
            type="checkbox",
            name=scope,
            aria_invalid=ApiTokenSettings.errors.scopes != "",
            class_name="choice__mark",
        ),
        rx.el.span(words, class_name="choice__label"),
        rx.el.code(scope, class_name="choice__line"),
        class_name="choice",
    )


def _item(token: TokenView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(token.name, class_name="entry__name"),
                rx.cond(token.is_expired, rx.el.span("Expired", class_name="badge badge--offline")),
                class_name="entry__line",
            ),
            rx.el.p(rx.foreach(token.scopes, _scope_name), class_name="tokens__rights"),
            rx.el.p(
                "created ",
                local_date(at=token.created_at),
                " · ",
                rx.cond(
                    token.expires_at != "",
                    rx.fragment(
                        rx.cond(token.is_expired, "expired ", "expires "),
                        local_date(at=token.expires_at),
                    ),
                    "does not expire",
                ),
                " · ",
                rx.cond(
                    token.last_used_at != "",
                    rx.fragment("last used ", local_date(at=token.last_used_at)),
                    "never used",
                ),
                class_name="field__hint",
            ),
            class_name="entry__body",
        ),
        confirm_button(
            token.token_id,
            "Revoke",
            f"Revoke {token.name}?",
            "Programs that use this token stop working at once.",
            "Revoke token",
            ApiTokenSettings.revoke(token.token_id),
            icon="trash-2",
            name=f"Revoke {token.name}",
            class_name="btn--danger btn--sm",
        ),
        key=token.token_id,
        class_name="entry",
    )


def _scope_name(scope: rx.Var[str]) -> rx.Component:
    return rx.el.code(scope)
