"""The settings page for the profile of the signed-in user."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.settings.profile import display_name, profile_picture
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.profile_settings import ProfileSettings


def profile_settings() -> rx.Component:
    """The picture and the name of the user."""
    return settings_page(routes.PROFILE, profile_picture(), display_name())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        profile_settings,
        route=routes.PROFILE,
        title=theme.page_title("Profile"),
        description="Your name and your picture.",
        on_load=ProfileSettings.open,
    )
