"""The shell of every page (skip link, top bar, main, footer) and small shared elements.

Parameters of type ``str`` or ``int`` also accept a Var: pyright treats the Vars of a state as their values.
"""

from typing import Any

import reflex as rx
from reflex.vars import NumberVar
from reflex_components_core.core.banner import has_too_many_connection_errors
from reflex_components_core.react_router import link

from streaming_app import routes, theme
from streaming_app.components.leaving_notice import leaving_notice
from streaming_app.components.optional_image import picture
from streaming_app.components.settings.navigation import SETTINGS_PAGES
from streaming_app.state.session import SessionState


def nav_link(*children: rx.Component | str, to: str | rx.Var[str], **props: Any) -> rx.Component:
    """A link inside the site, followed without reloading the page."""
    return link(*children, to=to, **props)


def page(*children: rx.Component, class_name: str = "", footer: bool = True) -> rx.Component:
    """A complete page with ``children`` as its main content."""
    return rx.el.div(
        _topbar(),
        rx.cond(
            SessionState.deletes_at != "",
            rx.el.main(leaving_notice(), id="main", tab_index=-1, class_name="page"),
            rx.el.main(*children, id="main", tab_index=-1, class_name=f"page {class_name}".strip()),
        ),
        _footer() if footer else rx.fragment(),
        class_name="shell",
        custom_attrs={"data-known": SessionState.is_hydrated},
    )


def full_link(*children: rx.Component | str, to: str | rx.Var[str], **props: Any) -> rx.Component:
    """A link to a URL that is not a page, such as one of the API. The browser loads it as a new document."""
    return link(*children, to=to, reload_document=True, **props)


def avatar(initials: str | rx.Var[str], hue: int | NumberVar, image: str, size: str = "") -> rx.Component:
    """The picture at the URL path ``image``, or initials on a coloured circle; hidden from screen readers.

    ``size`` is "", "sm" or "lg".
    """
    modifier = f" avatar--{size}" if size else ""
    return rx.el.span(
        initials,
        picture(image, "avatar__picture"),
        class_name=f"avatar{modifier}",
        style={"--hue": hue},
        aria_hidden="true",
    )


def stream_badge(state: str) -> rx.Component:
    """A badge with the state of a stream: live, reconnecting or offline."""
    return rx.fragment(
        rx.match(
            state,
            ("live", rx.el.span("LIVE", class_name="badge badge--live")),
            ("reconnecting", rx.el.span("Reconnecting", class_name="badge badge--reconnecting")),
            rx.el.span("Offline", class_name="badge badge--offline"),
        )
    )


def notice(title: str, text: str | rx.Component, *actions: rx.Component) -> rx.Component:
    """A title, a text and actions, for pages that have nothing else to show."""
    return rx.el.div(
        signal_art(),
        rx.el.h1(title, class_name="notice__title"),
        rx.el.p(text, class_name="notice__text"),
        rx.el.div(*actions, class_name="row row--wrap") if actions else rx.fragment(),
        class_name="notice",
    )


def about_skeleton(buttons: int) -> rx.Component:
    """The placeholder of the details below a player. It has the same rows, so that the page does not move later."""
    return rx.el.div(
        rx.el.div(class_name="avatar avatar--lg skeleton"),
        rx.el.div(
            rx.el.div(class_name="skeleton", style={"height": "1.4rem", "width": "min(24rem, 80%)"}),
            rx.el.div(class_name="skeleton", style={"height": "0.9rem", "width": "9rem", "marginTop": "0.6rem"}),
            class_name="about__text",
        ),
        rx.el.div(class_name="about__facts skeleton", style={"width": "9rem"}),
        rx.el.div(
            *[rx.el.div(class_name="btn skeleton", style={"width": "6rem"}) for _ in range(buttons)],
            class_name="about__actions",
        ),
        class_name="about",
        aria_hidden="true",
    )


def signal_art() -> rx.Component:
    """A decorative drawing of a signal."""
    arcs = [f"M{11 + r} 95a{r} {r} 0 0 0 -{r} -{r}" for r in (34, 62, 90)]
    return rx.el.svg(
        *[
            rx.el.path(d=arc, stroke="currentColor", stroke_width="10", stroke_linecap="round", opacity=opacity)
            for arc, opacity in zip(arcs, ("0.85", "0.4", "0.16"), strict=True)
        ],
        rx.el.circle(cx="11", cy="95", r="11", fill="var(--live)"),
        view_box="0 0 106 106",
        fill="none",
        class_name="notice__art",
        aria_hidden="true",
    )


def connection_note() -> rx.Component:
    """A message shown while the page has no connection to the server."""
    return rx.cond(
        has_too_many_connection_errors,
        rx.el.div(
            rx.el.span(class_name="spinner", aria_hidden="true"),
            "No connection to the site. Reconnecting…",
            class_name="connection-note",
            role="status",
        ),
    )


def needs_javascript() -> rx.Component:
    """A message for browsers without JavaScript."""
    return rx.el.noscript(
        rx.el.p(
            f"{theme.SITE_NAME} needs JavaScript to play video and to show the chat. Turn it on in your browser, "
            "then reload this page.",
            class_name="no-script",
        )
    )


def _topbar() -> rx.Component:
    return rx.el.header(
        rx.el.a("Skip to content", href="#main", class_name="skip-link"),
        rx.el.div(
            _logo(),
            rx.el.div(class_name="topbar__spacer"),
            rx.el.nav(
                _theme_toggle(),
                rx.cond(SessionState.username != "", _signed_in(), _signed_out()),
                class_name="topbar__actions",
                aria_label="Account",
            ),
            class_name="topbar__inner",
        ),
        class_name="topbar",
    )


def _logo() -> rx.Component:
    return nav_link(
        rx.el.svg(
            rx.el.path(
                d="M7 4.9v14.2c0 1.4 1.5 2.3 2.7 1.6l12.5-7.1c1.2-.7 1.2-2.5 0-3.2L9.7 3.3C8.5 2.6 7 3.5 7 4.9Z",
                fill="currentColor",
            ),
            rx.el.rect(x="7", y="25", width="18", height="4.5", rx="2.25", fill="var(--live)"),
            view_box="0 0 32 32",
            class_name="logo__mark",
            aria_hidden="true",
        ),
        rx.el.span("streaming", rx.el.span("_", class_name="logo__lamp"), "app", class_name="logo__word"),
        to=routes.HOME,
        class_name="logo",
        aria_label=f"{theme.SITE_NAME}, home",
    )


def _theme_toggle() -> rx.Component:
    return rx.el.button(
        rx.color_mode_cond(light=rx.icon("moon", size=19), dark=rx.icon("sun", size=19)),
        on_click=rx.toggle_color_mode,
        type="button",
        class_name="btn btn--icon",
        aria_label="Switch between light and dark",
        custom_attrs={"data-tip": "Light or dark"},
    )


def _signed_out() -> rx.Component:
    return rx.fragment(
        nav_link("Sign in", to=routes.LOGIN, class_name="btn for-visitors"),
        nav_link("Sign up", to=routes.REGISTER, class_name="btn btn--primary for-visitors"),
    )


def _signed_in() -> rx.Component:
    return rx.fragment(
        nav_link(
            rx.icon("radio", size=18), rx.el.span("Studio"), to=routes.STUDIO, class_name="btn btn--secondary wide-only"
        ),
        rx.el.div(
            rx.el.button(
                avatar(SessionState.initials, SessionState.hue, SessionState.avatar, "sm"),
                rx.el.span(SessionState.name, class_name="menu__name wide-only"),
                rx.el.span("Account menu", class_name="visually-hidden"),
                rx.icon("chevron-down", size=16),
                type="button",
                custom_attrs={"popoverTarget": "account-menu"},
                class_name="menu__trigger",
            ),
            rx.el.div(
                _menu_link("user", "Your channel", routes.channel(SessionState.slug)),
                _menu_link("sliders-horizontal", "Studio", routes.STUDIO),
                rx.cond(SessionState.is_staff, _menu_link("shield", "Administration", routes.ADMIN)),
                _menu_link("settings", "Settings", SETTINGS_PAGES[0].path),
                rx.el.hr(class_name="menu__rule"),
                rx.el.button(
                    rx.icon("log-out", size=18),
                    "Sign out",
                    type="button",
                    on_click=SessionState.sign_out,
                    class_name="menu__item",
                ),
                id="account-menu",
                custom_attrs={"popover": "auto"},
                class_name="menu__list",
            ),
            class_name="menu",
        ),
    )


def _menu_link(icon: str, label: str, to: str | rx.Var[str]) -> rx.Component:
    return nav_link(rx.icon(icon, size=18), label, to=to, class_name="menu__item")


def _footer() -> rx.Component:
    return rx.el.footer(
        rx.el.div(
            rx.el.span(f"{theme.SITE_NAME}: live video of your own"),
            nav_link("API for developers", to=routes.DEVELOPERS),
            rx.el.span("Made with Reflex, nginx-rtmp and hls.js"),
            class_name="footer__inner",
        ),
        class_name="footer",
    )
