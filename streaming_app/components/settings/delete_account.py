"""The form that deletes the account, in the settings."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import local_date
from streaming_app.components.form_controls import field, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link, notice
from streaming_app.state.account_deletion import DeleteAccountState
from streaming_app.state.session import SessionState


def delete_account() -> rx.Component:
    """What is deleted, when, and a field for the username as confirmation."""
    return rx.el.section(
        rx.el.h2("Delete your account", id="delete-account", class_name="panel__title"),
        rx.el.p(
            "This deletes your channel, recordings, emotes, follows, API tokens, and all chat messages that you wrote"
            " or that others wrote in your channel.",
            class_name="field__hint",
        ),
        rx.el.p(
            rx.cond(
                DeleteAccountState.days > 0,
                rx.fragment(
                    "You are signed out immediately, and your account and channel are hidden. Everything is deleted ",
                    rx.cond(DeleteAccountState.days == 1, "a day", f"{DeleteAccountState.days} days"),
                    " later. Until then you can sign in and keep the account.",
                ),
                "You are signed out at once, and everything is deleted shortly after.",
            ),
            class_name="field__hint",
        ),
        rx.el.p(
            "Nobody can take your username for 90 days after that. Replies of others stay, without the text that they"
            " quote from you.",
            class_name="field__hint",
        ),
        keep_mounted(
            rx.el.form(
                field(
                    "username",
                    "Your username, to confirm",
                    DeleteAccountState.error,
                    placeholder=SessionState.username,
                    auto_complete="off",
                    auto_capitalize="none",
                    spell_check=False,
                ),
                submit("Delete my account", pending=DeleteAccountState.pending, class_name="btn--live"),
                on_submit=DeleteAccountState.submit,
                no_validate=True,
                class_name="form",
            ),
            ready=DeleteAccountState.is_loaded,
        ),
        class_name="panel",
        aria_labelledby="delete-account",
    )


def deletion_requested() -> rx.Component:
    """The confirmation after the request, for the user who is now signed out."""
    return notice(
        "Your account will be deleted",
        rx.fragment(
            "You are signed out everywhere. Everything will be deleted on ",
            rx.el.strong(local_date(at=DeleteAccountState.deletes_at, long=True)),
            ". To keep the account, sign in before that.",
        ),
        nav_link("Go to the home page", to=routes.HOME, class_name="btn btn--primary"),
    )
