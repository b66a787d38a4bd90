"""The page of a password reset link."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page, hidden_username, new_password_field
from streaming_app.components.form_controls import form_error, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.state.password_forms import ResetPasswordState


def reset_password() -> rx.Component:
    """A form for the new password, or why the link is not valid."""
    return rx.cond(ResetPasswordState.invalid != "", page(_invalid()), _form())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        reset_password,
        route=routes.RESET_PASSWORD,
        title=theme.page_title("New password"),
        description="Set a new password.",
        on_load=ResetPasswordState.show,
    )


def _form() -> rx.Component:
    errors, username = ResetPasswordState.errors, ResetPasswordState.username
    return account_page(
        "Set a new password",
        rx.cond(
            username != "",
            f"For the account {username}. All other browsers will be signed out, and your API tokens will end.",
            "Checking the link…",
        ),
        keep_mounted(
            rx.el.form(
                form_error(errors.form),
                hidden_username(username),
                new_password_field("New password", errors.password),
                submit("Save and sign in", pending=ResetPasswordState.pending | (username == "")),
                on_submit=ResetPasswordState.submit,
                no_validate=True,
                class_name="form",
            ),
            ready=username != "",
        ),
        "You know your password? ",
        nav_link("Sign in", to=routes.LOGIN, class_name="link"),
    )


def _invalid() -> rx.Component:
    return notice(
        "This link doesn't work",
        ResetPasswordState.invalid,
        nav_link("Sign in", to=routes.LOGIN, class_name="btn btn--primary"),
    )
