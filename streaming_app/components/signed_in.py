"""Content for signed-in users, which follows the session of the browser in all of its tabs."""

import reflex as rx

from streaming_app.components.typescript_modules import script
from streaming_app.state.session import SessionState


class SignedInContent(rx.Component):
    """Shows its first child to ``username``, and its second to visitors.

    Every authentication opens a new session, so a tab is signed out for a moment when the user authenticates in
    another one. The first child stays mounted then, with the typed text.
    """

    library = script("signed_in.tsx")
    tag = "SignedInContent"
    username: rx.Var[str]
    is_known: rx.Var[bool]
    """Whether an empty ``username`` means a visitor. Before that, the first child is shown."""


class SessionTabs(rx.Component):
    """Gives a signed-out tab the session that another tab of the browser has opened; shows nothing."""

    library = script("signed_in.tsx")
    tag = "SessionTabs"
    username: rx.Var[str]
    is_known: rx.Var[bool]


def signed_in(content: rx.Component, notice: rx.Component, *, is_known: bool | rx.Var[bool]) -> rx.Component:
    """Show ``content`` to the signed-in user, and ``notice`` to visitors."""
    return SignedInContent.create(content, notice, username=SessionState.username, is_known=is_known)


def session_tabs() -> rx.Component:
    """Return the component, which each page contains once."""
    return SessionTabs.create(username=SessionState.username, is_known=SessionState.is_hydrated)
