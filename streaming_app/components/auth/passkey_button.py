"""The button that signs in with a passkey instead of a form."""

import reflex as rx


def passkey_button(label: str, on_click: rx.event.EventType[()], *, shown: bool, pending: bool) -> rx.Component:
    """The button below the form, if it is ``shown``; disabled while ``pending``."""
    return rx.cond(
        shown,
        rx.el.div(
            rx.el.p("or", class_name="account__or"),
            rx.el.button(
                rx.icon("fingerprint", size=18),
                label,
                type="button",
                on_click=on_click,
                disabled=pending,
                class_name="btn btn--secondary btn--lg btn--block",
            ),
            class_name="account__other-way",
        ),
    )
