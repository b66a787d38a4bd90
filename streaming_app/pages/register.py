"""The sign-up page."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import (
    account_page,
    mail_form,
    new_email_field,
    new_password_field,
    new_username_field,
    other_form_link,
)
from streaming_app.components.auth.captcha import captcha_field
from streaming_app.components.auth.provider_buttons import provider_buttons, provider_problem
from streaming_app.components.form_controls import form_error, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.state.account_forms import RegisterState
from streaming_app.state.captcha import CaptchaState
from streaming_app.state.provider_sign_in import ProviderButtons


def register_page() -> rx.Component:
    """The sign-up form, and where the mail was sent."""
    return account_page(
        "Create your account",
        "Chat, and start your own channel.",
        keep_one_mounted(
            {
                "password": _form("Create account", new_password_field("Password", RegisterState.errors.password)),
                "mail": mail_form(_form("Continue"), _sent(), RegisterState.sent_to, RegisterState.show),
                "closed": rx.el.p(RegisterState.barrier, role="status", class_name="form__done"),
            },
            shown=RegisterState.step,
        ),
        "Already have an account? ",
        other_form_link("Sign in", routes.LOGIN),
    )


def _form(action: str, *more: rx.Component) -> rx.Component:
    errors = RegisterState.errors
    return rx.el.div(
        provider_problem(ProviderButtons.problem),
        rx.el.form(
            form_error(errors.form),
            new_username_field(errors.username),
            new_email_field(errors.email),
            *more,
            captcha_field(errors.captcha, pending=RegisterState.pending),
            submit(action, pending=RegisterState.pending),
            on_submit=RegisterState.submit,
            no_validate=True,
            class_name="form",
        ),
        provider_buttons(ProviderButtons.links),
    )


def _sent() -> rx.Component:
    return rx.el.p(
        f"We sent a mail to {RegisterState.sent_to}. Open the link in it within 24 hours to choose your password."
        " If nothing comes, check your spam folder and the address.",
        role="status",
        class_name="form__done",
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        register_page,
        route=routes.REGISTER,
        title=theme.page_title("Sign up"),
        description="Chat, and start your own channel.",
        on_load=[RegisterState.open, RegisterState.show, CaptchaState.open, ProviderButtons.open],
    )
