"""Keeps forms mounted, with the text typed into them, while the server creates the state of the tab again."""

import reflex as rx

from streaming_app.components.typescript_modules import script


class KeepMounted(rx.Component):
    """Shows its first child once ``ready`` has been true, and its second before that.

    The state of a tab is empty for a moment when the server creates it again, for example after a lost connection.
    ``rx.cond`` would unmount the form in that moment and lose the typed text.
    """

    library = script("keep_mounted.tsx")
    tag = "KeepMounted"
    ready: rx.Var[bool]
    version: rx.Var[str]
    """A new version mounts the content again, with its current values; an empty one changes nothing."""


def keep_mounted(
    content: rx.Component,
    waiting: rx.Component | None = None,
    *,
    ready: bool | rx.Var[bool],
    version: str | rx.Var[str] = "",
) -> rx.Component:
    """Show ``content`` from the first time that ``ready`` is true, and ``waiting`` before."""
    return KeepMounted.create(content, waiting or rx.fragment(), ready=ready, version=version)
