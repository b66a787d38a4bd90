"""What the site looks like, for Reflex: stylesheets in order, head elements, icons. The tokens are in assets/styles."""

import json
from collections.abc import Sequence

import reflex as rx

SITE_NAME = "streaming_app"
DESCRIPTION = "Live video with the people watching it: many channels, each with its own stream and chat."

_SHEETS = (  # in this order
    "tokens base controls pages account player chat popup compose overlay health recordings emotes moderation"
)
STYLESHEETS = [f"/styles/{sheet}.css" for sheet in _SHEETS.split()]

_FRONT_DOOR_SCRIPT = """
window.frontDoor = (path) => {
  const inner = %(inner)s;
  const { protocol, hostname, port, origin } = window.location;
  const isInner = protocol === "http:" && (inner === null ? port !== "%(door)d" : inner.includes(Number(port)));
  return (isInner ? `http://${hostname}:%(door)d` : origin) + path;
};
"""
"""``frontDoor(path)`` is the address of feed, video, pictures and API: the page's own origin, unless the page was
opened on one of the ``inner`` ports behind the front door (``null``: on any other)."""


def page_title(title: str) -> str:
    """A page's title as the browser shows it."""
    return f"{title} · {SITE_NAME}"


def head(front_door_port: int, inner_ports: Sequence[int] | None) -> list[rx.Component]:
    """What every document carries in its head; ``inner_ports`` of ``None`` are all but the front door's."""
    inner = json.dumps(None if inner_ports is None else list(inner_ports))
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
        rx.el.script(_FRONT_DOOR_SCRIPT % {"inner": inner, "door": front_door_port}),
    ]
