"""The form for another password in the settings."""

import reflex as rx

from streaming_app.components.auth.account_form import hidden_username, new_password_field, password_field
from streaming_app.components.form_controls import form_error, submit
from streaming_app.state.password_forms import ChangePasswordState
from streaming_app.state.session import SessionState


def change_password() -> rx.Component:
    """The current password, the new one, and whether it was saved."""
    errors = ChangePasswordState.errors
    return rx.el.section(
        rx.el.h2("Change password", id="change-password", class_name="panel__title"),
        rx.el.p("All other browsers and devices will be signed out.", class_name="field__hint"),
        rx.el.form(
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
            password_field(
                "Current password", errors.current_password, auto_complete="current-password", name="current_password"
            ),
            new_password_field("New password", errors.password),
            submit("Change password", pending=ChangePasswordState.pending),
            on_submit=ChangePasswordState.submit,
            no_validate=True,
            class_name="form",
        ),
        class_name="panel",
        aria_labelledby="change-password",
    )
