"""The page on which users ask for a link that sets a new password."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page, mail_form
from streaming_app.components.auth.captcha import captcha_field
from streaming_app.components.auth.mailbox_note import mailbox_note
from streaming_app.components.form_controls import field, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.components.layout import nav_link
from streaming_app.state.captcha import CaptchaState
from streaming_app.state.password_forms import ForgotPasswordState


def forgot_password() -> rx.Component:
    """A form for the email, or whom to ask if the site sends no mail."""
    return account_page(
        "Forgot your password?",
        "You can set a new one.",
        keep_one_mounted(
            {
                "ask": mail_form(_form(), _sent(), ForgotPasswordState.sent_to, ForgotPasswordState.show),
                "operator": rx.el.p("The people who run this site can give you a link for that. Ask them for it."),
            },
            shown=ForgotPasswordState.step,
        ),
        "You know your password? ",
        nav_link("Sign in", to=routes.LOGIN, class_name="link"),
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        forgot_password,
        route=routes.FORGOT_PASSWORD,
        title=theme.page_title("Forgot password"),
        description="Set a new password.",
        on_load=[ForgotPasswordState.show, CaptchaState.open],
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            "email",
            "Email",
            ForgotPasswordState.error,
            hint="The email of your account. We send a link to it.",
            type="email",
            auto_complete="email",
            max_length=320,
        ),
        captcha_field(ForgotPasswordState.captcha_error, pending=ForgotPasswordState.pending),
        submit("Send the link", pending=ForgotPasswordState.pending),
        on_submit=ForgotPasswordState.submit,
        no_validate=True,
        class_name="form",
    )


def _sent() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            f"If {ForgotPasswordState.sent_to} belongs to an account, you get a mail with a link in a moment. It works"
            " once, within 1 hour. If nothing comes, check your spam folder and the address.",
            role="status",
            class_name="form__done",
        ),
        rx.cond(ForgotPasswordState.uses_mailbox, mailbox_note()),
    )
