"""The settings page that adds an authenticator app."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.settings.authenticator import setup
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.authenticator_settings import AuthenticatorSetup


def authenticator_setup() -> rx.Component:
    """The steps of the setup."""
    return settings_page(routes.SECURITY, setup(), title="Authenticator app")


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        authenticator_setup,
        route=routes.AUTHENTICATOR,
        title=theme.page_title("Authenticator app"),
        description="Add an authenticator app to your account.",
        on_load=AuthenticatorSetup.open,
    )
