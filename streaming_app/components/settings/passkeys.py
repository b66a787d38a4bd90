"""Passkeys in the settings."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.form_controls import field, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.state.passkey_settings import NEW_PASSKEY_FORM, PasskeySettings, PasskeyView


def passkeys() -> rx.Component:
    """Each passkey with its dates and a button that removes it, and the form for another one."""
    return rx.el.section(
        rx.el.h2("Passkeys", id="passkeys", class_name="panel__title"),
        rx.el.p(
            "Sign in with your fingerprint, your face or the PIN of your device, without a password or a code.",
            class_name="field__hint",
        ),
        rx.cond(
            rx.Var.create(PasskeySettings.passkeys).length() > 0,
            rx.el.ul(rx.foreach(PasskeySettings.passkeys, _passkey), class_name="sessions", role="list"),
        ),
        keep_one_mounted(
            {"form": _form(), "reason": rx.el.p(PasskeySettings.unavailable, class_name="settings__content")},
            shown=rx.cond(PasskeySettings.is_loaded, rx.cond(PasskeySettings.unavailable == "", "form", "reason"), ""),
        ),
        class_name="panel",
        aria_labelledby="passkeys",
    )


def _passkey(passkey: PasskeyView) -> rx.Component:
    return rx.el.li(
        rx.icon("fingerprint", size=20, aria_hidden="true"),
        rx.el.div(
            rx.el.strong(passkey.name),
            rx.el.div(
                "added ",
                local_date(at=passkey.added_at),
                " · ",
                rx.cond(passkey.used_at != "", rx.fragment("last used ", local_date(at=passkey.used_at)), "never used"),
                class_name="field__hint",
            ),
            class_name="sessions__about",
        ),
        confirm_button(
            passkey.public_id,
            "Remove",
            f"Remove {passkey.name}?",
            "You can no longer sign in with this passkey. Delete it on your device too.",
            "Remove passkey",
            PasskeySettings.remove(passkey.public_id),
            icon="trash-2",
            name=f"Remove {passkey.name}",
            class_name="btn--danger btn--sm",
        ),
        key=passkey.public_id,
        class_name="sessions__one",
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            "name",
            "Name",
            PasskeySettings.name_error,
            hint="Where the passkey is, such as “phone”.",
            optional=True,
            auto_complete="off",
            max_length=80,
        ),
        submit("Add a passkey", class_name="btn--secondary"),
        on_submit=PasskeySettings.add,
        id=NEW_PASSKEY_FORM,
        no_validate=True,
        class_name="form form--short",
    )
