"""The page on which signed-in users authenticate again, before they change security settings."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page, hidden_username, password_field
from streaming_app.components.auth.passkey_button import passkey_button
from streaming_app.components.auth.provider_buttons import provider_buttons, provider_problem
from streaming_app.components.form_controls import form_error, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.components.layout import nav_link
from streaming_app.components.settings.navigation import SETTINGS_PAGES
from streaming_app.state.reauthentication import ConfirmState
from streaming_app.state.session import SessionState


def confirm() -> rx.Component:
    """The ways to authenticate again."""
    return account_page(
        "Confirm that it is you",
        "You signed in a while ago. Authenticate again to continue.",
        rx.fragment(
            provider_problem(ConfirmState.problem),
            rx.cond(ConfirmState.way != "password", form_error(ConfirmState.errors.form)),
            rx.el.div(
                keep_one_mounted(
                    {"password": _password_form(), "other": rx.fragment(), "none": _without_any_way()},
                    shown=ConfirmState.way,
                ),
                passkey_button(
                    "Use a passkey",
                    ConfirmState.ask_for_passkey,
                    shown=ConfirmState.has_passkeys,
                    pending=ConfirmState.pending,
                ),
                provider_buttons(ConfirmState.links),
            ),
        ),
        nav_link("Back to the settings", to=SETTINGS_PAGES[0].path, class_name="link"),
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        confirm,
        route=routes.CONFIRM,
        title=theme.page_title("Confirm that it is you"),
        description="Authenticate again.",
        on_load=[ConfirmState.show, ConfirmState.offer_passkeys],
    )


def _password_form() -> rx.Component:
    errors = ConfirmState.errors
    return rx.el.form(
        form_error(errors.form),
        hidden_username(SessionState.username),
        password_field("Password", errors.password, auto_complete="current-password"),
        nav_link("Forgot your password?", to=routes.FORGOT_PASSWORD, class_name="link"),
        submit("Continue", pending=ConfirmState.pending),
        on_submit=ConfirmState.submit,
        no_validate=True,
        class_name="form",
    )


def _without_any_way() -> rx.Component:
    return rx.el.div(
        rx.el.p("Your account has no password, and nothing else that works here. Set a password by a link in a mail."),
        nav_link("Set a password", to=routes.FORGOT_PASSWORD, class_name="btn btn--primary btn--lg btn--block"),
        class_name="form",
    )
