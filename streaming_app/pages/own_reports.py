"""The settings page with the reports that the user sent."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.settings.own_reports import own_reports
from streaming_app.components.settings.settings_page import settings_page
from streaming_app.state.own_reports import OwnReports


def own_report_list() -> rx.Component:
    """The list of reports."""
    return settings_page(routes.REPORTS, own_reports())


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        own_report_list,
        route=routes.REPORTS,
        title=theme.page_title("Your reports"),
        description="What you reported to the staff of the site, and the outcome.",
        on_load=OwnReports.open,
    )
