"""Refused encoders of the owner's channel: when, from which address and why."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.feed.listeners import studio_listener
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_refused_publishers import RefusalView, StudioRefusals


def refusals() -> rx.Component:
    """The panel of refused encoders; nothing while there are none."""
    return rx.fragment(
        studio_listener(path=StudioState.channel.feed, on_change=StudioRefusals.open),
        rx.cond(
            rx.Var.create(StudioRefusals.refusals).length() > 0,
            rx.el.section(
                rx.el.h2("Refused encoders", id="refusals-title", class_name="panel__title"),
                rx.el.ul(rx.foreach(StudioRefusals.refusals, _refusal), class_name="refusals"),
                class_name="panel stack",
                aria_labelledby="refusals-title",
            ),
        ),
    )


def _refusal(refusal: RefusalView) -> rx.Component:
    return rx.el.li(
        rx.el.p(refusal.reason, class_name="refusals__reason"),
        rx.el.p(
            local_date(at=refusal.at),
            rx.el.span(f"from {refusal.address}"),
            rx.cond(refusal.software != "", rx.el.span(refusal.software)),
            rx.cond(refusal.count > 1, rx.el.span(f"{refusal.count} times")),
            class_name="refusals__facts",
        ),
        class_name="refusals__item",
    )
