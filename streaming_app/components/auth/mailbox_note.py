"""A note for sites without a mail server: where their mails are."""

import reflex as rx

from streaming_app import routes

_ADDRESS = rx.Var(f"(globalThis.frontDoor?.('{routes.MAILBOX}') ?? '{routes.MAILBOX}')")


def mailbox_note() -> rx.Component:
    """Says that mails are kept in the development mailbox, with a link to it."""
    return rx.el.p(
        "This site has no mail server. Its mails are in the ",
        rx.el.a("development mailbox", href=_ADDRESS, target="_blank", class_name="link"),
        ", which opens only on the machine that runs the site.",
        class_name="field__hint",
    )
