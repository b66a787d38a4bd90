"""The layout of every page of the administration: a navigation with all of them, and the content of one."""

from dataclasses import dataclass

import reflex as rx

from streaming_app import routes
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.components.page_group import page_group
from streaming_app.components.signed_in import signed_in
from streaming_app.state.admin import AdminState


@dataclass(frozen=True, slots=True)
class AdminPage:
    """An entry of the navigation. ``icon`` is the name of a Lucide icon."""

    path: str
    label: str
    icon: str
    for_admins: bool = False
    """Whether site moderators do not see the page."""


ADMIN_PAGES = (
    AdminPage(routes.ADMIN, "Users", "users"),
    AdminPage(routes.ADMIN_REPORTS, "Reports", "flag"),
    AdminPage(routes.ADMIN_STREAMS, "Live streams", "radio"),
    AdminPage(routes.ADMIN_STREAMERS, "Streamer requests", "video"),
    AdminPage(routes.ADMIN_INVITATIONS, "Invitations", "mail-plus", for_admins=True),
    AdminPage(routes.ADMIN_LOG, "Audit log", "scroll-text", for_admins=True),
)


def admin_page(path: str, *panels: rx.Component, title: str | None = None) -> rx.Component:
    """The page with this path for staff; "There is no such page" for everyone else. ``panels`` are its sections."""
    [current] = [each for each in ADMIN_PAGES if each.path == path]
    may_open = AdminState.is_admin if current.for_admins else AdminState.may_administer
    content = page(
        page_group("Administration", [_entry(each, is_current=each is current) for each in ADMIN_PAGES]),
        rx.el.div(
            rx.el.h1(current.label if title is None else title, class_name="settings__title"),
            *panels,
            class_name="settings__panels",
        ),
        class_name="page--settings page--admin",
    )
    checked = keep_one_mounted(
        {"content": content, "nothing": page(nothing_here())},
        page(_loading()),
        shown=rx.cond(AdminState.is_checked, rx.cond(may_open, "content", "nothing"), ""),
    )
    return signed_in(checked, page(nothing_here()), is_known=AdminState.is_hydrated)


def nothing_here() -> rx.Component:
    """The notice of the 404 page."""
    return notice(
        "There is no such page",
        "Check the address. The page may have been removed.",
        nav_link("See who is live", to=routes.HOME, class_name="btn btn--primary"),
    )


def _entry(entry: AdminPage, *, is_current: bool) -> rx.Component:
    current = {"aria_current": "page"} if is_current else {}
    item = rx.el.li(
        nav_link(rx.icon(entry.icon, size=18), entry.label, to=entry.path, class_name="settings__link", **current)
    )
    return rx.cond(AdminState.is_admin, item) if entry.for_admins else item


def _loading() -> rx.Component:
    return rx.el.div(
        rx.el.div(class_name="skeleton studio__title"),
        rx.el.div(class_name="skeleton studio__skeleton"),
        rx.el.span("Loading", class_name="visually-hidden", role="status"),
        class_name="stack",
    )
