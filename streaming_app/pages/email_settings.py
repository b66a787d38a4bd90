"""The settings page for the email of the signed-in user."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.settings.email import change_email, present_email
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.email_settings import EmailSettings
from streaming_app.state.reauthentication import InterruptedAction


def email_settings() -> rx.Component:
    """The present email, and the form for another one."""
    return settings_page(routes.EMAIL, present_email(), change_email())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        email_settings,
        route=routes.EMAIL,
        title=theme.page_title("Email"),
        description="The email of your account.",
        on_load=[EmailSettings.open, InterruptedAction.resume],
    )
