"""The layout of every settings page: a navigation with all of them, and the content of one."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.components.page_group import page_group
from streaming_app.components.settings.email import unconfirmed_email_banner
from streaming_app.components.settings.navigation import SETTINGS_PAGES, SettingsPage
from streaming_app.components.signed_in import signed_in
from streaming_app.state.session import SessionState


def settings_page(path: str, *panels: rx.Component, title: str = "", is_renewing_session: bool = False) -> rx.Component:
    """The settings page with this path; a notice for visitors. ``panels`` are its sections.

    A page below it has the same entry in the navigation, and a ``title`` of its own.

    The page stays visible while ``is_renewing_session``: the old session has ended and the new one has not begun.
    """
    banner = rx.fragment() if path == routes.EMAIL else unconfirmed_email_banner()
    [current] = [each for each in SETTINGS_PAGES if each.path == path]
    content = page(
        page_group("Settings", [_entry(each, is_current=each is current) for each in SETTINGS_PAGES]),
        rx.el.div(
            rx.el.h1(title or current.label, class_name="settings__title"),
            banner,
            *panels,
            class_name="settings__panels",
        ),
        class_name="page--settings",
    )
    is_known = SessionState.is_hydrated & ~rx.Var.create(is_renewing_session).bool()
    return signed_in(content, page(_signed_out(path)), is_known=is_known)


def _entry(entry: SettingsPage, *, is_current: bool) -> rx.Component:
    current = {"aria_current": "page"} if is_current else {}
    return rx.el.li(
        nav_link(rx.icon(entry.icon, size=18), entry.label, to=entry.path, class_name="settings__link", **current)
    )


def _signed_out(path: str) -> rx.Component:
    return notice(
        "You are signed out",
        "Sign in to open your settings.",
        nav_link("Sign in", to=routes.login(path), class_name="btn btn--primary"),
    )
