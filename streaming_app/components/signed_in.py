"""Content for signed-in users, which follows the session of the browser in all of its tabs."""

import reflex as rx

from streaming_app.components.keep_mounted import KeepMounted
from streaming_app.components.typescript_modules import script
from streaming_app.state.session import SessionState

_KEPT_MS = 10_000
"""How long the content stays in the page, invisible, after its user was signed out."""


class SessionTabs(rx.Component):
    """Gives a signed-out tab the session that another tab of the browser has opened; shows nothing."""

    library = script("session_tabs.tsx")
    tag = "SessionTabs"
    username: rx.Var[str]
    is_known: rx.Var[bool]


def signed_in(
    content: rx.Component, notice: rx.Component, *, is_known: bool | rx.Var[bool], about: str | None = None
) -> rx.Component:
    """Show ``content`` to the signed-in user, and ``notice`` to visitors.

    Every authentication opens a new session, so a tab is signed out for a moment when the user authenticates in
    another one. ``content`` stays mounted then, with the typed text. Another user gets a new one, and so does another
    value of ``about``, such as the id of a channel; while it is empty, nothing changes. ``is_known`` tells whether an
    empty username means a visitor. Before that, ``content`` is shown.
    """
    version = SessionState.username
    if about is not None:
        version = rx.cond((version == "") | (about == ""), "", f"{version} {about}")
    is_out = rx.Var.create(is_known).bool() & (SessionState.username == "")
    shown = KeepMounted.create(
        content,
        rx.fragment(),
        names=["content"],
        shown=rx.cond(is_out, "", "content"),
        version=version,
        kept_ms=_KEPT_MS,
    )
    return rx.fragment(rx.cond(is_out, notice), rx.el.div(shown, hidden=is_out, class_name="contents"))


def session_tabs() -> rx.Component:
    """Return the component, which each page contains once."""
    return SessionTabs.create(username=SessionState.username, is_known=SessionState.is_hydrated)
