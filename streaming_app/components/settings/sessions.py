"""The list of browsers in which the user is signed in."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.state.session_list import SessionList, SessionView


def sessions() -> rx.Component:
    """Each session with its device, address and last use, and buttons that end them."""
    return rx.el.section(
        rx.el.h2("Where you are signed in", id="sessions", class_name="panel__title"),
        rx.el.p(
            "If you don't know one of these browsers, sign it out and change your password.", class_name="field__hint"
        ),
        rx.cond(
            rx.Var.create(SessionList.sessions).length() > 0,
            rx.el.ul(rx.foreach(SessionList.sessions, _session), class_name="sessions"),
            rx.el.div(class_name="skeleton settings__skeleton", aria_hidden="true"),
        ),
        rx.cond(
            SessionList.has_others,
            rx.el.button(
                rx.icon("log-out", size=16),
                "Sign out all other browsers",
                type="button",
                on_click=SessionList.end_others,
                class_name="btn btn--secondary",
            ),
        ),
        class_name="panel",
        aria_labelledby="sessions",
    )


def _session(session: SessionView) -> rx.Component:
    return rx.el.li(
        rx.icon("monitor", size=20, aria_hidden="true"),
        rx.el.div(
            rx.el.div(
                rx.el.strong(session.device, id=f"session-{session.public_id}"),
                rx.cond(session.is_current, rx.el.span("This browser", class_name="badge badge--offline")),
                class_name="row row--wrap",
            ),
            rx.el.div(
                rx.cond(session.address != "", f"{session.address} · ", ""),
                "last used ",
                local_date(at=session.seen_at),
                class_name="field__hint",
            ),
            class_name="sessions__about",
        ),
        rx.cond(
            session.is_current,
            rx.fragment(),
            rx.el.button(
                "Sign out",
                id=f"end-{session.public_id}",
                type="button",
                on_click=SessionList.end(session.public_id),
                aria_labelledby=f"end-{session.public_id} session-{session.public_id}",
                class_name="btn btn--secondary btn--sm",
            ),
        ),
        class_name="sessions__one",
    )
