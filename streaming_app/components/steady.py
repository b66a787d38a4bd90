"""Parts of a page that hold what is typed, and keep it while the state of the tab is made anew."""

import reflex as rx

from streaming_app.components.scripts import script


class Steady(rx.Component):
    """Shows its first child once ``ready`` has been true, and its second before that.

    The state of a tab is empty for a moment when the server makes it anew, as after a lost connection. With ``rx.cond``
    the form would be gone in that moment, and what was typed in it, too.
    """

    library = script("steady.tsx")
    tag = "Steady"
    ready: rx.Var[bool]
    version: rx.Var[str]
    """Another one makes the content anew, as it is then; an empty one changes nothing."""


def steady(
    content: rx.Component,
    waiting: rx.Component | None = None,
    *,
    ready: bool | rx.Var[bool],
    version: str | rx.Var[str] = "",
) -> rx.Component:
    """``content`` from when it was ``ready`` first, and ``waiting`` until then."""
    return Steady.create(content, waiting or rx.fragment(), ready=ready, version=version)
