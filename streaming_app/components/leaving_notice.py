"""What a user sees who signs in to an account that will be deleted."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.state.account_deletion import KeepAccountState
from streaming_app.state.session import SessionState


def leaving_notice() -> rx.Component:
    """When the account will be deleted, and buttons to keep it and to sign out."""
    return rx.el.div(
        rx.icon("user-x", size=48, class_name="notice__art", aria_hidden="true"),
        rx.el.h1("Your account will be deleted", class_name="notice__title"),
        rx.el.p(
            rx.el.strong(SessionState.leaving_username),
            " will be deleted on ",
            rx.el.strong(local_date(at=SessionState.deletes_at, long=True)),
            ", with its channel, recordings and chat messages. Until then nobody can see it. You can still change your"
            " mind.",
            class_name="notice__text",
        ),
        rx.el.div(
            rx.el.button(
                "Keep my account", type="button", on_click=KeepAccountState.keep, class_name="btn btn--lg btn--primary"
            ),
            rx.el.button(
                "Sign out", type="button", on_click=SessionState.sign_out, class_name="btn btn--lg btn--secondary"
            ),
            class_name="row row--wrap",
        ),
        class_name="notice",
    )
