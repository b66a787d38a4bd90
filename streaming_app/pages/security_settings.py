"""The settings page for the password and the sessions of the signed-in user."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.components.settings.change_password import change_password
from streaming_app.components.settings.sessions import sessions
from streaming_app.state.password_forms import ChangePasswordState
from streaming_app.state.session import SessionState
from streaming_app.state.session_list import SessionList


def security_settings() -> rx.Component:
    """The forms of the signed-in user; a notice for visitors."""
    settings = page(
        rx.el.h1("Settings", class_name="settings__title"), change_password(), sessions(), class_name="page--settings"
    )
    return rx.cond(
        SessionState.is_hydrated & (SessionState.username == ""),
        # While a new password is saved, the old session has ended and the new one has not begun.
        rx.cond(ChangePasswordState.pending, settings, page(_signed_out())),
        settings,
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        security_settings,
        route=routes.SECURITY,
        title=theme.page_title("Settings"),
        description="Your password, and where you are signed in.",
        on_load=[ChangePasswordState.show, SessionList.open],
    )


def _signed_out() -> rx.Component:
    return notice(
        "You are signed out",
        "Sign in to open your settings.",
        nav_link("Sign in", to=routes.login(routes.SECURITY), class_name="btn btn--primary"),
    )
