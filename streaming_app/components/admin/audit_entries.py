"""The list of entries of the audit log."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list
from streaming_app.state.admin_view_models import AuditView


def audit_entries(entries: list[AuditView]) -> rx.Component:
    """The entries, newest first."""
    return entry_list(entries, _entry, "No entries.")


def _entry(entry: AuditView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(entry.action, class_name="entry__name"),
                rx.cond(entry.target != "", rx.el.span(entry.target)),
                rx.el.span("by ", entry.actor, class_name="entry__reason"),
                rx.el.span(local_date(at=entry.at, long=True), class_name="entry__at"),
                class_name="entry__line",
            ),
            rx.cond(
                (entry.details != "") | (entry.address != ""),
                rx.el.p(
                    entry.details,
                    rx.cond((entry.details != "") & (entry.address != ""), " · ", ""),
                    entry.address,
                    class_name="entry__reason",
                ),
            ),
            class_name="entry__body",
        ),
        key=entry.entry_id,
        class_name="entry",
    )
