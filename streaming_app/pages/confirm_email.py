"""The page of a link that confirms, changes or restores the email of an account."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.state.email_link import EmailLinkState

_EMAIL, _USERNAME = EmailLinkState.email, EmailLinkState.username
_IS_CONFIRM, _IS_CHANGE = EmailLinkState.kind == "confirm", EmailLinkState.kind == "change"


def confirm_email() -> rx.Component:
    """What the link does with a button that does it, what was done, or why the link is not valid."""
    return rx.cond(
        EmailLinkState.invalid != "",
        page(_invalid()),
        rx.cond(EmailLinkState.is_done, page(_done()), _question()),
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        confirm_email,
        route=routes.CONFIRM_EMAIL,
        title=theme.page_title("Your email"),
        description="Confirm the email of your account.",
        on_load=EmailLinkState.show,
    )


def _question() -> rx.Component:
    return account_page(
        _by_kind("Confirm your email", "Use this email", "Keep your email", "Your email"),
        _by_kind(
            f"{_EMAIL} belongs to the account {_USERNAME}.",
            f"{_EMAIL} becomes the email of the account {_USERNAME}. You then sign in again everywhere.",
            f"{_EMAIL} stays the email of the account {_USERNAME}. If it was replaced, it comes back, and you sign in"
            " again everywhere.",
            "Checking the link…",
        ),
        rx.el.button(
            rx.el.span(class_name="spinner btn__pending", aria_hidden="true"),
            _by_kind("Confirm email", "Use this email", "Keep this email", "Confirm email"),
            type="button",
            on_click=EmailLinkState.follow,
            disabled=EmailLinkState.pending | (EmailLinkState.kind == ""),
            aria_busy=EmailLinkState.pending,
            class_name="btn btn--lg btn--block btn--primary",
        ),
        "Not your account? Close this page.",
    )


def _done() -> rx.Component:
    confirmed = notice(
        "Your email is confirmed",
        f"{_EMAIL} belongs to the account {_USERNAME}.",
        nav_link("Go to the start page", to=routes.HOME, class_name="btn btn--primary"),
    )
    changed = notice(
        "Your email was changed",
        f"{_EMAIL} is the email of the account {_USERNAME} now.",
        nav_link("Sign in", to=routes.LOGIN, class_name="btn btn--primary"),
    )
    kept = notice(
        "You keep your email",
        f"{_EMAIL} is the email of the account {_USERNAME}. Set a new password now, because somebody else may know the"
        " old one.",
        nav_link("Set a new password", to=routes.FORGOT_PASSWORD, class_name="btn btn--primary"),
    )
    return rx.cond(_IS_CONFIRM, confirmed, rx.cond(_IS_CHANGE, changed, kept))


def _invalid() -> rx.Component:
    return notice(
        "This link doesn't work",
        EmailLinkState.invalid,
        nav_link("Open the settings", to=routes.EMAIL, class_name="btn btn--primary"),
    )


def _by_kind(confirm: str, change: str, revert: str, unknown: str) -> rx.Var[str]:
    is_revert = EmailLinkState.kind == "revert"
    return rx.cond(_IS_CONFIRM, confirm, rx.cond(_IS_CHANGE, change, rx.cond(is_revert, revert, unknown)))
