"""The form for another password in the settings."""

import reflex as rx

from streaming_app.components.auth.account_form import hidden_username, new_password_field, password_field
from streaming_app.components.form_controls import form_error, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.state.password_forms import ChangePasswordState
from streaming_app.state.session import SessionState

_HAS_NONE = (ChangePasswordState.form == "set") | (ChangePasswordState.form == "confirm")
_TITLE = rx.cond(_HAS_NONE, "Set a password", "Change password")


def change_password() -> rx.Component:
    """The current password, the new one, and whether it was saved."""
    return rx.el.section(
        rx.el.h2(_TITLE, id="change-password", class_name="panel__title"),
        rx.el.p(
            "All other browsers and devices will be signed out. Your API tokens keep working.",
            class_name="field__hint",
        ),
        # Two forms, because a form with a field that is not shown would send null for it.
        keep_one_mounted(
            {
                "change": _form("Change password", _current_password()),
                "set": _form("Set password"),
                "confirm": rx.el.button(
                    "Set a password",
                    type="button",
                    on_click=ChangePasswordState.confirm,
                    class_name="btn btn--secondary settings__action",
                ),
            },
            shown=ChangePasswordState.form,
        ),
        class_name="panel",
        aria_labelledby="change-password",
    )


def _form(action: str, *first: rx.Component) -> rx.Component:
    errors = ChangePasswordState.errors
    return rx.el.form(
        rx.cond(
            ChangePasswordState.is_changed,
            rx.el.p(
                "Your password was changed. All other browsers are signed out.",
                role="status",
                class_name="form__done",
            ),
        ),
        form_error(errors.form),
        hidden_username(SessionState.username),
        *first,
        new_password_field("New password", errors.password),
        submit(action, pending=ChangePasswordState.pending),
        on_submit=ChangePasswordState.submit,
        no_validate=True,
        class_name="form",
    )


def _current_password() -> rx.Component:
    return password_field(
        "Current password",
        ChangePasswordState.errors.current_password,
        auto_complete="current-password",
        name="current_password",
    )
