"""The 404 page, and the notice on pages whose channel or recording does not exist."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.layout import nav_link, notice, page


def not_found() -> rx.Component:
    """The 404 page."""
    return page(not_found_notice("page"))


def not_found_notice(what: str, *actions: rx.Component) -> rx.Component:
    """A notice that there is no such ``what``, with a link to the home page and further ``actions``."""
    return notice(
        f"There is no such {what}",
        "Check the address. The page may have been removed.",
        nav_link("See who is live", to=routes.HOME, class_name="btn btn--primary"),
        *actions,
    )


def page_or_not_found(
    missing: bool,  # noqa: FBT001 - a Var
    what: str,
    content: rx.Component,
    *actions: rx.Component,
) -> rx.Component:
    """A wide page with ``content``, or with ``not_found_notice`` if ``missing``."""
    return rx.cond(
        missing, page(not_found_notice(what, *actions)), page(content, class_name="page--wide", footer=False)
    )


def page_title(missing: bool, what: str, known: str, title: str) -> rx.Var[str]:  # noqa: FBT001 - a Var
    """The page title: ``title`` once ``known`` is not empty, "No such ..." if ``missing``."""
    return rx.cond(missing, theme.page_title(f"No such {what}"), rx.cond(known != "", title, theme.SITE_NAME))


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(not_found, route="404", title=theme.page_title("Not found"), description="There is no such page.")
