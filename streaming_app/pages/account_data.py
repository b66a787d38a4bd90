"""The settings page with the export and the deletion of the account."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.layout import page
from streaming_app.components.settings.delete_account import delete_account, deletion_requested
from streaming_app.components.settings.export_data import export_data
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.account_deletion import DeleteAccountState
from streaming_app.state.account_export import ExportState
from streaming_app.state.reauthentication import InterruptedAction


def account_data() -> rx.Component:
    """The forms of the signed-in user; a confirmation after the deletion was requested."""
    return rx.cond(
        DeleteAccountState.deletes_at != "",
        page(deletion_requested()),
        settings_page(routes.DATA, export_data(), delete_account()),
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        account_data,
        route=routes.DATA,
        title=theme.page_title("Your data"),
        description="Download or delete everything that belongs to your account.",
        on_load=[ExportState.show, DeleteAccountState.show, InterruptedAction.resume],
    )
