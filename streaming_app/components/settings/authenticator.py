"""Two-step sign-in in the settings: the authenticator app and the recovery codes."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import local_date
from streaming_app.components.confirm_button import confirm_button
from streaming_app.components.form_controls import copy_button, copy_field, field, submit
from streaming_app.components.keep_mounted import keep_mounted
from streaming_app.components.layout import nav_link
from streaming_app.state.authenticator_settings import AuthenticatorSettings, AuthenticatorSetup, ShownCodes


def two_step_sign_in() -> rx.Component:
    """The panel on the security page: whether an app is set up, and what can be done about it."""
    return rx.el.section(
        rx.el.h2("Two-step sign-in", id="two-step", class_name="panel__title"),
        rx.el.p(
            "With an authenticator app, your password alone is not enough to sign in to your account.",
            class_name="field__hint",
        ),
        rx.cond(
            AuthenticatorSettings.is_loaded,
            rx.cond(AuthenticatorSettings.is_on, _app(), _set_up_link()),
            rx.el.div(class_name="skeleton settings__skeleton", aria_hidden="true"),
        ),
        class_name="panel",
        aria_labelledby="two-step",
    )


def setup() -> rx.Component:
    """The steps of the setup, then the recovery codes."""
    return rx.cond(
        AuthenticatorSetup.recovery.text != "",
        rx.el.section(
            rx.el.p("Two-step sign-in is on.", class_name="form__done", role="status"),
            _recovery_codes(AuthenticatorSetup.recovery),
            nav_link("I have saved the codes", to=routes.SECURITY, class_name="btn btn--primary settings__start"),
            class_name="panel stack",
            aria_label="Recovery codes",
        ),
        rx.el.section(_scan(), _confirm(), class_name="panel stack", aria_label="Setup"),
    )


def _app() -> rx.Component:
    left = AuthenticatorSettings.codes_left
    return rx.el.div(
        rx.el.div(
            rx.icon("smartphone", size=20, aria_hidden="true"),
            rx.el.div(
                rx.el.strong("Authenticator app"),
                rx.el.div(
                    "added ",
                    local_date(at=AuthenticatorSettings.added_at),
                    f" · recovery codes left: {left}",
                    class_name="field__hint",
                ),
                class_name="sessions__about",
            ),
            class_name="sessions__one",
        ),
        rx.cond(
            AuthenticatorSettings.recovery.text != "",
            _recovery_codes(AuthenticatorSettings.recovery),
        ),
        rx.el.div(
            confirm_button(
                "replace-codes",
                "New recovery codes",
                "Create new recovery codes?",
                "The old codes stop working.",
                "Create codes",
                AuthenticatorSettings.replace_codes,
                icon="refresh-cw",
                class_name="btn--secondary",
            ),
            confirm_button(
                "turn-off",
                "Turn off",
                "Turn off two-step sign-in?",
                "Your password alone is then enough to sign in. The recovery codes stop working.",
                "Turn off",
                AuthenticatorSettings.turn_off,
                icon="trash-2",
                name="Turn off two-step sign-in",
                class_name="btn--danger",
            ),
            class_name="row row--wrap",
        ),
        class_name="stack settings__content",
    )


def _set_up_link() -> rx.Component:
    return nav_link(
        rx.icon("smartphone", size=16),
        "Set up an authenticator app",
        to=routes.AUTHENTICATOR,
        class_name="btn btn--secondary settings__content",
    )


def _scan() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.h2("1. Add your account to an app", class_name="panel__title"),
            rx.el.p(
                "Scan the code with an authenticator app, such as Aegis, Google Authenticator or a password manager.",
                class_name="panel__lead",
            ),
        ),
        rx.cond(
            AuthenticatorSetup.qr_path != "",
            rx.el.svg(
                rx.el.path(d=AuthenticatorSetup.qr_path, fill="#000"),
                view_box=f"0 0 {AuthenticatorSetup.qr_size} {AuthenticatorSetup.qr_size}",
                shape_rendering="crispEdges",
                role="img",
                aria_label="QR code for the authenticator app",
                class_name="qr-code",
            ),
            rx.el.div(class_name="qr-code skeleton", aria_hidden="true"),
        ),
        copy_field(
            "setup-key",
            "Setup key",
            AuthenticatorSetup.secret,
            hint="If you can't scan the code, type this key into the app.",
        ),
    )


def _confirm() -> rx.Component:
    return rx.fragment(
        rx.el.h2("2. Enter the code that the app shows", class_name="panel__title settings__content"),
        keep_mounted(
            rx.el.form(
                field(
                    "code",
                    "6-digit code",
                    AuthenticatorSetup.code_error,
                    auto_complete="one-time-code",
                    input_mode="numeric",
                    max_length=16,
                ),
                submit("Turn on", pending=AuthenticatorSetup.secret == ""),
                on_submit=AuthenticatorSetup.enable,
                no_validate=True,
                class_name="form form--short",
            ),
            ready=AuthenticatorSetup.secret != "",
        ),
    )


def _recovery_codes(shown: ShownCodes) -> rx.Component:
    return rx.el.div(
        rx.el.h2("Your recovery codes", class_name="panel__title"),
        rx.el.p(
            "Each code replaces your app once, if you lose it. Save them now: they are not shown again. "
            "Without app and codes, you can't sign in.",
            class_name="panel__lead",
        ),
        rx.el.ol(rx.foreach(shown.codes, _code), class_name="recovery-codes"),
        rx.el.div(
            copy_button(shown.text, "Copy", what="recovery codes"),
            rx.el.a(
                rx.icon("download", size=16),
                "Download",
                href=shown.file,
                download="recovery-codes.txt",
                aria_label="Download recovery codes",
                class_name="btn btn--secondary",
            ),
            class_name="row row--wrap",
        ),
        class_name="stack",
    )


def _code(code: str) -> rx.Component:
    return rx.el.li(code)
