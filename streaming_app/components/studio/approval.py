"""The request to stream of the user: its form and its state."""

import reflex as rx

from streaming_app.components.clock import timer
from streaming_app.components.form_controls import field, submit
from streaming_app.components.keep_mounted import keep_one_mounted
from streaming_app.state.studio_approval import StudioApproval

REFRESH_SECONDS = 15


def approval() -> rx.Component:
    """The panel; nothing for users who may stream."""
    closed = rx.el.p("Only users whom an admin approved can stream on this site.", class_name="panel__lead")
    return keep_one_mounted(
        {
            "none": rx.fragment(),
            "form": _panel(rx.cond(StudioApproval.status == "refused", _refused()), _form()),
            "waiting": _panel(_waiting()),
            "closed": _panel(rx.cond(StudioApproval.status == "refused", _refused()), closed),
        },
        rx.fragment(),
        shown=StudioApproval.step,
    )


def _panel(*parts: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2("Ask to stream", id="approval-title", class_name="panel__title"),
        *parts,
        class_name="panel stack",
        aria_labelledby="approval-title",
    )


def _refused() -> rx.Component:
    return rx.el.p("The staff of the site refused your request. Reason: ", StudioApproval.note, role="status")


def _waiting() -> rx.Component:
    return rx.fragment(
        timer(seconds=REFRESH_SECONDS, on_tick=StudioApproval.open),
        rx.el.p("Your request is waiting for an answer. Until then, your encoder is refused.", role="status"),
        rx.el.p("You wrote: ", StudioApproval.text, class_name="field__hint"),
    )


def _form() -> rx.Component:
    return rx.fragment(
        rx.el.p("The staff of this site approves streamers before their first stream.", class_name="panel__lead"),
        rx.el.form(
            field(
                "about",
                "What do you want to stream?",
                StudioApproval.error,
                hint="The staff of the site reads this.",
                max_length=500,
                auto_complete="off",
            ),
            submit("Send request"),
            on_submit=StudioApproval.ask,
            no_validate=True,
            class_name="form",
        ),
    )
