"""The page of the second step of a sign-in."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page
from streaming_app.components.form_controls import field, form_error, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.state.second_step_form import SecondStepState


def second_step() -> rx.Component:
    """A form for the code, or why the sign-in cannot continue."""
    return rx.cond(SecondStepState.invalid != "", page(_invalid()), _form())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        second_step,
        route=routes.SECOND_STEP,
        title=theme.page_title("Enter your code"),
        description="The second step of your sign-in.",
        on_load=SecondStepState.show,
    )


def _form() -> rx.Component:
    errors, username = SecondStepState.errors, SecondStepState.username
    return account_page(
        "Enter your code",
        rx.cond(username != "", f"You are signing in as {username}.", "Checking your sign-in…"),
        keep_mounted(
            rx.el.form(
                form_error(errors.form),
                field(
                    "code",
                    "Code of your authenticator app",
                    errors.code,
                    hint="Without your device, enter one of your recovery codes.",
                    auto_complete="one-time-code",
                    auto_capitalize="none",
                    spell_check=False,
                    auto_focus=True,
                    max_length=64,
                ),
                submit("Sign in", pending=SecondStepState.pending | (username == "")),
                on_submit=SecondStepState.submit,
                no_validate=True,
                class_name="form",
            ),
            ready=username != "",
        ),
        "Not you? ",
        nav_link("Start again", to=routes.LOGIN, class_name="link"),
    )


def _invalid() -> rx.Component:
    return notice(
        "Sign in again",
        SecondStepState.invalid,
        nav_link("Sign in", to=routes.LOGIN, class_name="btn btn--primary"),
    )
