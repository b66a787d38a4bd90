"""The site's stylesheets, head elements and icons for Reflex. The design tokens are in assets/styles/tokens.css."""

import reflex as rx

SITE_NAME = "streaming_app"
DESCRIPTION = "Live video with the people watching it: many channels, each with its own stream and chat."

_SHEETS = (  # in this order
    "tokens base controls pages account settings admin player chat popup compose overlay health recordings emotes"
    " moderation reference"
)
STYLESHEETS = [f"/styles/{sheet}.css" for sheet in _SHEETS.split()]

_FRONT_DOOR_SCRIPT = "window.frontDoor = (path) => window.location.origin + path;"
"""``frontDoor(path)`` returns the URL of the feed, video, images and API, which are on the page's own origin."""
_DEV_FRONT_DOOR_SCRIPT = """
window.frontDoor = (path) => {
  const { hostname, port, origin } = window.location;
  return (port === "%(door)d" ? origin : `http://${hostname}:%(door)d`) + path;
};
"""
"""The same function under ``reflex run``, which serves the pages on another port."""


def page_title(title: str) -> str:
    """Return the title of a page as the browser shows it."""
    return f"{title} · {SITE_NAME}"


def head(dev_front_door_port: int | None) -> list[rx.Component]:
    """Return the head elements of every document. ``dev_front_door_port`` is nginx's port under ``reflex run``."""
    front_door = _DEV_FRONT_DOOR_SCRIPT % {"door": dev_front_door_port} if dev_front_door_port else _FRONT_DOOR_SCRIPT
    return [
        rx.el.meta(name="theme-color", content="#f8f7f3", custom_attrs={"media": "(prefers-color-scheme: light)"}),
        rx.el.meta(name="theme-color", content="#101312", custom_attrs={"media": "(prefers-color-scheme: dark)"}),
        rx.el.meta(name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.link(
            rel="preload",
            href="/fonts/onest-latin.woff2",
            type="font/woff2",
            cross_origin="anonymous",
            custom_attrs={"as": "font"},
        ),
        rx.el.script(src="/site.js", defer=True),
        rx.el.script(front_door),
    ]
