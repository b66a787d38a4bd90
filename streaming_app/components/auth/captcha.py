"""The widget of an optional captcha in a form, by the React components of both providers."""

from typing import Any

import reflex as rx
from reflex.event import no_args_event_spec, passthrough_event_spec

from streaming_app.state.captcha import SCRIPT_FAILED, TURNSTILE_FIELD, CaptchaState


class HCaptcha(rx.NoSSRComponent):
    """The widget of hCaptcha. It puts its answer into a field of the form."""

    library = "@hcaptcha/react-hcaptcha@2.2.0"
    tag = "HCaptcha"
    is_default = True
    sitekey: rx.Var[str]
    theme: rx.Var[str]
    sentry: rx.Var[bool]
    """Whether the widget reports its own errors to hCaptcha. Pages may not connect to that address."""
    re_captcha_compat: rx.Var[bool]
    on_error: rx.EventHandler[passthrough_event_spec(str)]


class Turnstile(rx.NoSSRComponent):
    """The widget of Cloudflare Turnstile. It puts its answer into a field of the form."""

    library = "@marsidev/react-turnstile@1.6.1"
    tag = "Turnstile"
    site_key: rx.Var[str]
    options: rx.Var[dict[str, Any]]
    script_options: rx.Var[dict[str, Any]]


def captcha_field(error: str | rx.Var[str], *, pending: bool | rx.Var[bool]) -> rx.Component:
    """The widget and an error below it; nothing on a site without a captcha.

    An answer is valid once, so a form gets a new widget when ``pending`` ends. It needs none if only its fields were
    refused.
    """
    return rx.cond(
        rx.cond(CaptchaState.is_accepted, "", CaptchaState.provider) != "",
        rx.el.div(
            rx.el.div(
                rx.cond(
                    pending, rx.fragment(), rx.cond(CaptchaState.provider == "hcaptcha", _hcaptcha(), _turnstile())
                ),
                rx.cond(CaptchaState.has_failed, _failure()),
                class_name="captcha",
            ),
            rx.el.p(error, id="captcha-error", class_name="field__error", role="alert"),
            class_name="field",
        ),
    )


def _hcaptcha() -> rx.Component:
    return HCaptcha.create(
        sitekey=CaptchaState.site_key,
        theme=rx.color_mode_cond(light="light", dark="dark"),
        sentry=False,
        re_captcha_compat=False,
        on_error=CaptchaState.fail,
    )


def _turnstile() -> rx.Component:
    on_error = rx.EventChain.create(CaptchaState.fail(SCRIPT_FAILED), no_args_event_spec)
    return Turnstile.create(
        site_key=CaptchaState.site_key,
        options={"theme": rx.color_mode_cond(light="light", dark="dark"), "responseFieldName": TURNSTILE_FIELD},
        script_options={"onError": on_error},
    )


def _failure() -> rx.Component:
    return rx.el.p(
        "The check that you are human couldn't be loaded. Allow ",
        rx.cond(CaptchaState.provider == "hcaptcha", "js.hcaptcha.com", "challenges.cloudflare.com"),
        " and reload.",
        class_name="field__error",
        role="alert",
    )
