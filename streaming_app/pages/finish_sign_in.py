"""The page after the first sign-in with an account of another site: a new user, or a link to an account."""

import reflex as rx

from streaming_app import routes, theme
from streaming_app.components.auth.account_form import account_page, new_email_field, new_username_field
from streaming_app.components.form_controls import form_error, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.components.layout import nav_link, notice, page
from streaming_app.state.provider_sign_in import FinishSignIn
from streaming_app.state.reauthentication import InterruptedAction
from streaming_app.state.session import SessionState


def finish_sign_in() -> rx.Component:
    """The step that the identity needs."""
    return keep_one_mounted(
        {
            "new": _new_user(),
            "new with email": _new_user(new_email_field(FinishSignIn.errors.email)),
            "closed": _closed(),
            "taken": _existing_account(),
            "link": _link(),
            "expired": _expired(),
        },
        page(class_name="page--account"),
        shown=FinishSignIn.step,
    )


def register(app: rx.App) -> None:
    """Add the page to the app."""
    app.add_page(
        finish_sign_in,
        route=routes.FINISH_SIGN_IN,
        title=theme.page_title("Finish signing in"),
        description="Choose a username, or link an account.",
        on_load=[FinishSignIn.show, InterruptedAction.resume],
    )


def _new_user(*more: rx.Component) -> rx.Component:
    return account_page(
        "Choose your username",
        f"You sign in with {FinishSignIn.provider} as {FinishSignIn.label}.",
        _form(*more),
        "Already have an account here? ",
        nav_link("Sign in to link it", to=routes.login(routes.FINISH_SIGN_IN), class_name="link"),
    )


def _closed() -> rx.Component:
    return account_page(
        "You have no account here",
        f"You sign in with {FinishSignIn.provider} as {FinishSignIn.label}.",
        rx.el.p(FinishSignIn.barrier, role="status", class_name="form__done"),
        "Already have an account here? ",
        nav_link("Sign in to link it", to=routes.login(routes.FINISH_SIGN_IN), class_name="link"),
    )


def _form(*more: rx.Component) -> rx.Component:
    errors = FinishSignIn.errors
    return rx.el.form(
        form_error(errors.form),
        new_username_field(errors.username, auto_focus=True),
        *more,
        submit("Create account", pending=FinishSignIn.pending),
        on_submit=FinishSignIn.submit,
        no_validate=True,
        class_name="form",
    )


def _existing_account() -> rx.Component:
    return account_page(
        "You already have an account",
        f"The email {FinishSignIn.label} belongs to an account here. Sign in to it once with your password, and then"
        f" confirm that you want to link it with {FinishSignIn.provider}.",
        nav_link("Sign in", to=routes.login(routes.FINISH_SIGN_IN), class_name="btn btn--primary btn--lg btn--block"),
        "Not your account? Ask the operator of this site for help.",
    )


def _link() -> rx.Component:
    return account_page(
        f"Link {FinishSignIn.provider}?",
        f"You can then sign in to your account {SessionState.username} with {FinishSignIn.provider} as"
        f" {FinishSignIn.label}.",
        rx.el.div(
            form_error(FinishSignIn.errors.form),
            rx.el.button(
                "Link it",
                type="button",
                on_click=FinishSignIn.link,
                class_name="btn btn--primary btn--lg btn--block",
            ),
            class_name="form",
        ),
        nav_link("Do not link it", to=routes.LINKED_ACCOUNTS, class_name="link"),
    )


def _expired() -> rx.Component:
    return page(
        notice(
            "This sign-in has expired",
            "It was finished already, took too long, or was started by another user. Start again.",
            nav_link("Sign in", to=routes.LOGIN, class_name="btn btn--primary"),
        )
    )
