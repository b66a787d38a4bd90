"""What an address leads to that leads nowhere."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.layout import nav_link, notice, page


def not_found() -> rx.Component:
    """The 404 page."""
    return page(nothing_here("page"))


def nothing_here(what: str, *actions: rx.Component) -> rx.Component:
    """Says that there is no such ``what`` and leads on, also by further ``actions``."""
    return notice(
        f"There is no such {what}",
        "Check the address, or the page may have been removed.",
        nav_link("See who is live", to=routes.HOME, class_name="btn btn--primary"),
        *actions,
    )


def unless_missing(
    missing: bool,  # noqa: FBT001 - a Var
    what: str,
    content: rx.Component,
    *actions: rx.Component,
) -> rx.Component:
    """A wide page with ``content``, or, while that is missing, ``nothing_here``."""
    return rx.cond(missing, page(nothing_here(what, *actions)), page(content, class_name="page--wide", footer=False))


def page_title(missing: bool, what: str, known: str, title: str) -> rx.Var[str]:  # noqa: FBT001 - a Var
    """``title`` once ``known`` is not empty, or that there is no such ``what``."""
    return rx.cond(missing, theme.page_title(f"No such {what}"), rx.cond(known != "", title, theme.SITE_NAME))


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(not_found, route="404", title=theme.page_title("Not found"), description="There is no such page.")
