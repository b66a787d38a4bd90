"""What the site looks like, for Reflex: stylesheets in order, head elements, icons. The tokens are in assets/styles."""

import reflex as rx

SITE_NAME = "streaming_app"
DESCRIPTION = "Live video with the people watching it: many channels, each with its own stream and chat."

_SHEETS = (  # in this order
    "tokens base controls pages account player chat popup compose overlay health recordings emotes moderation"
)
STYLESHEETS = [f"/styles/{sheet}.css" for sheet in _SHEETS.split()]

_FRONT_DOOR_SCRIPT = "window.frontDoor = (path) => window.location.origin + path;"
"""``frontDoor(path)`` is the address of feed, video, pictures and API: the page's own origin."""
_DEV_FRONT_DOOR_SCRIPT = """
window.frontDoor = (path) => {
  const { hostname, port, origin } = window.location;
  return (port === "%(door)d" ? origin : `http://${hostname}:%(door)d`) + path;
};
"""
"""The same under ``reflex run``, which serves pages from a port of its own."""


def page_title(title: str) -> str:
    """A page's title as the browser shows it."""
    return f"{title} · {SITE_NAME}"


def head(dev_front_door_port: int | None) -> list[rx.Component]:
    """What every document carries in its head; under ``reflex run`` the front door has another port than the pages."""
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
