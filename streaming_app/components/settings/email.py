"""The email of the user: whether it is confirmed, and the form for another one."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.auth.mailbox_note import mailbox_note
from streaming_app.components.form_controls import field, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.components.layout import nav_link
from streaming_app.state.email_settings import EmailSettings
from streaming_app.state.session import SessionState


def unconfirmed_email_banner() -> rx.Component:
    """A reminder to confirm the email, for users who can."""
    return rx.cond(
        SessionState.should_confirm_email,
        rx.el.p(
            rx.icon("mail-warning", size=18, aria_hidden="true"),
            "Confirm your email, so that you can set a new password if you forget yours.",
            nav_link("Open", to=routes.EMAIL, class_name="link", aria_label="Open the settings of your email"),
            class_name="settings__banner",
            role="status",
        ),
    )


def present_email() -> rx.Component:
    """The present email, and a button that sends the confirmation again."""
    return rx.el.section(
        rx.el.h2("Your email", id="your-email", class_name="panel__title"),
        rx.el.div(
            rx.el.strong(EmailSettings.email, class_name="settings__value"),
            rx.cond(EmailSettings.is_confirmed, rx.el.span("Confirmed", class_name="badge badge--offline")),
            rx.cond(EmailSettings.is_unconfirmed, rx.el.span("Not confirmed", class_name="badge badge--warning")),
            class_name="row row--wrap settings__line",
        ),
        rx.el.p("Never shown to anyone. We send password reset links to it.", class_name="field__hint"),
        rx.cond(
            EmailSettings.is_unconfirmed & EmailSettings.can_change,
            rx.el.button(
                rx.icon("send", size=16),
                "Send the confirmation mail",
                type="button",
                on_click=EmailSettings.send_confirmation,
                class_name="btn btn--secondary settings__action",
            ),
        ),
        rx.cond(EmailSettings.uses_mailbox, mailbox_note()),
        class_name="panel",
        aria_labelledby="your-email",
    )


def change_email() -> rx.Component:
    """The form for another email; whom to ask if the site sends no mail."""
    return rx.el.section(
        rx.el.h2("Change email", id="change-email", class_name="panel__title"),
        keep_one_mounted(
            {
                "form": rx.el.div(
                    rx.el.p(
                        "We send a link to the new email, and a notice to the present one. The email changes when you"
                        " open the link, and you then sign in again.",
                        class_name="field__hint",
                    ),
                    _form(),
                    class_name="settings__part",
                ),
                "operator": rx.el.p(
                    "This site sends no mail. Ask the people who run it to change your email.",
                    class_name="settings__content",
                ),
            },
            shown=rx.cond(EmailSettings.email == "", "", rx.cond(EmailSettings.can_change, "form", "operator")),
        ),
        class_name="panel",
        aria_labelledby="change-email",
    )


def _form() -> rx.Component:
    return rx.el.form(
        rx.cond(
            EmailSettings.sent_to != "",
            rx.el.p(
                f"We sent a mail to {EmailSettings.sent_to}. Open the link in it within 24 hours.",
                role="status",
                class_name="form__done",
            ),
        ),
        field(
            "email",
            "New email",
            EmailSettings.error,
            type="email",
            auto_complete="email",
            max_length=320,
        ),
        submit("Change email", pending=EmailSettings.pending),
        on_submit=EmailSettings.change,
        no_validate=True,
        class_name="form",
    )
