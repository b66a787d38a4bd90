"""The widget of an optional captcha in a form."""

import reflex as rx

from streaming_app.components.typescript_modules import script
from streaming_app.state.captcha import CaptchaState


class CaptchaWidget(rx.NoSSRComponent):
    """The widget of ``provider``. Gets a new challenge when ``pending`` ends. Submits the field ``captcha``."""

    library = script("auth/captcha.tsx")
    tag = "CaptchaWidget"
    provider: rx.Var[str]
    site_key: rx.Var[str]
    pending: rx.Var[bool]


def captcha_field(error: str | rx.Var[str], *, pending: bool | rx.Var[bool]) -> rx.Component:
    """The widget and an error below it; nothing on a site without a captcha."""
    return rx.cond(
        CaptchaState.provider != "",
        rx.el.div(
            CaptchaWidget.create(provider=CaptchaState.provider, site_key=CaptchaState.site_key, pending=pending),
            rx.el.p(error, id="captcha-error", class_name="field__error", role="alert"),
            class_name="field",
        ),
    )
