"""The settings page for the API tokens of the signed-in user."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.settings.api_tokens import new_token, tokens
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.api_token_settings import ApiTokenSettings
from streaming_app.state.reauthentication import InterruptedAction


def api_token_settings() -> rx.Component:
    """The tokens of the signed-in user."""
    return settings_page(routes.API_TOKENS, new_token(), tokens())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        api_token_settings,
        route=routes.API_TOKENS,
        title=theme.page_title("API tokens"),
        description="Tokens with which your programs use the API.",
        on_load=[ApiTokenSettings.open, InterruptedAction.resume],
    )
