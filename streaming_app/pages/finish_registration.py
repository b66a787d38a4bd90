"""The page of a registration link."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page, new_password_field
from streaming_app.components.form_controls import field, form_error, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.state.registration_link import RegistrationLinkState


def finish_registration() -> rx.Component:
    """A form for the password, or why the link is not valid."""
    return rx.cond(RegistrationLinkState.invalid != "", page(_invalid()), _form())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        finish_registration,
        route=routes.FINISH_REGISTRATION,
        title=theme.page_title("Finish your registration"),
        description="Choose the password of your new account.",
        on_load=RegistrationLinkState.show,
    )


def _form() -> rx.Component:
    errors, email = RegistrationLinkState.errors, RegistrationLinkState.email
    return account_page(
        "Choose a password",
        rx.cond(email != "", f"Your email is {email}. One more step.", "Checking the link…"),
        keep_mounted(
            rx.el.form(
                form_error(errors.form),
                form_error(errors.email),
                field(
                    "username",
                    "Username",
                    errors.username,
                    default_value=RegistrationLinkState.username,
                    auto_complete="username",
                    auto_capitalize="none",
                    spell_check=False,
                    max_length=64,
                ),
                new_password_field("Password", errors.password),
                submit("Create account", pending=RegistrationLinkState.pending | (email == "")),
                on_submit=RegistrationLinkState.submit,
                no_validate=True,
                class_name="form",
            ),
            ready=email != "",
        ),
        "Already have an account? ",
        nav_link("Sign in", to=routes.LOGIN, class_name="link"),
    )


def _invalid() -> rx.Component:
    return notice(
        "This link doesn't work",
        RegistrationLinkState.invalid,
        nav_link("Sign up again", to=routes.REGISTER, class_name="btn btn--primary"),
        nav_link("Sign in", to=routes.LOGIN, class_name="btn btn--secondary"),
    )
