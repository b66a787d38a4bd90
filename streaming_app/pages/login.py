"""The sign-in page."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page, other_form_link, password_field
from streaming_app.components.auth.passkey_button import passkey_button
from streaming_app.components.auth.provider_buttons import provider_buttons, provider_problem
from streaming_app.components.form_controls import field, form_error, submit
from streaming_app.components.layout import nav_link
from streaming_app.state.login_form import LoginState
from streaming_app.state.provider_sign_in import ProviderButtons


def login() -> rx.Component:
    """The sign-in form."""
    errors = LoginState.errors
    return account_page(
        "Welcome back",
        "Sign in to chat and to stream.",
        rx.fragment(
            provider_problem(ProviderButtons.problem),
            rx.el.form(
                form_error(errors.form),
                field(
                    "login",
                    "Username or email",
                    errors.login,
                    auto_complete="username",
                    auto_capitalize="none",
                    spell_check=False,
                    auto_focus=True,
                ),
                password_field("Password", errors.password, auto_complete="current-password"),
                nav_link("Forgot your password?", to=routes.FORGOT_PASSWORD, class_name="link"),
                submit("Sign in", pending=LoginState.pending),
                on_submit=LoginState.submit,
                no_validate=True,
                class_name="form",
            ),
            passkey_button(
                "Sign in with a passkey",
                LoginState.ask_for_passkey,
                shown=LoginState.has_passkeys,
                pending=LoginState.pending,
            ),
            provider_buttons(ProviderButtons.links),
        ),
        "New here? ",
        other_form_link("Sign up", routes.REGISTER),
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        login,
        route=routes.LOGIN,
        title=theme.page_title("Sign in"),
        description="Sign in to chat and to stream.",
        on_load=[LoginState.open, LoginState.offer_passkeys, ProviderButtons.open],
    )
