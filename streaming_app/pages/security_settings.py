"""The settings page for the password and the sessions of the signed-in user."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.settings.authenticator import two_step_sign_in
from streaming_app.components.settings.change_password import change_password
from streaming_app.components.settings.passkeys import passkeys
from streaming_app.components.settings.sessions import sessions
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.authenticator_settings import AuthenticatorSettings
from streaming_app.state.passkey_settings import PasskeySettings
from streaming_app.state.password_forms import ChangePasswordState
from streaming_app.state.reauthentication import InterruptedAction
from streaming_app.state.session_list import SessionList


def security_settings() -> rx.Component:
    """The forms of the signed-in user."""
    return settings_page(
        routes.SECURITY,
        change_password(),
        two_step_sign_in(),
        passkeys(),
        sessions(),
        is_renewing_session=ChangePasswordState.pending,
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        security_settings,
        route=routes.SECURITY,
        title=theme.page_title("Password and security"),
        description="Your password, and where you are signed in.",
        on_load=[
            ChangePasswordState.show,
            AuthenticatorSettings.open,
            PasskeySettings.open,
            SessionList.open,
            InterruptedAction.resume,
        ],
    )
