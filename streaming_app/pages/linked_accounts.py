"""The settings page for accounts at other sites."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.settings.linked_accounts import linked_accounts
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.linked_accounts import LinkedAccounts
from streaming_app.state.reauthentication import InterruptedAction


def linked_accounts_settings() -> rx.Component:
    """The list of providers."""
    return settings_page(routes.LINKED_ACCOUNTS, linked_accounts())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        linked_accounts_settings,
        route=routes.LINKED_ACCOUNTS,
        title=theme.page_title("Linked accounts"),
        description="The accounts at other sites with which you sign in.",
        on_load=[LinkedAccounts.open, InterruptedAction.resume],
    )
