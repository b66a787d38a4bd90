"""The moderation log, with buttons to undo its entries."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.entries import more_button
from streaming_app.state.moderation import ModerationState
from streaming_app.state.moderation_view_models import LogEntryView


def log() -> rx.Component:
    """The log panel, newest entries first."""
    return rx.el.section(
        rx.el.h2("Log", id="log-title", class_name="panel__title"),
        rx.cond(
            rx.Var.create(ModerationState.log).length() > 0,
            rx.el.ol(rx.foreach(ModerationState.log, _item), class_name="entries", role="list"),
            rx.el.p("No actions yet.", class_name="entries__none"),
        ),
        more_button("Show older", ModerationState.older, shown=ModerationState.has_older),
        class_name="panel stack",
        aria_labelledby="log-title",
    )


def _item(entry: LogEntryView) -> rx.Component:
    button, line = f"undo-{entry.entry_id}", f"undo-{entry.entry_id}-line"
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(
                    rx.el.strong(entry.by, class_name="entry__name"), " ", entry.description, class_name="entry__words"
                ),
                rx.cond(entry.unfinished != "", rx.el.span(entry.unfinished, class_name="badge entry__unfinished")),
                rx.el.span(local_date(at=entry.at, long=True), class_name="entry__at"),
                id=line,
                class_name="entry__line",
            ),
            rx.cond(entry.quote != "", rx.el.blockquote(entry.quote, class_name="entry__quote")),
            rx.cond(entry.reason != "", rx.el.p("Reason: ", entry.reason, class_name="entry__reason")),
            class_name="entry__body",
        ),
        rx.cond(
            entry.can_be_undone,
            rx.el.button(
                rx.icon("undo-2", size=16),
                "Undo",
                type="button",
                on_click=ModerationState.undo(entry.entry_id),
                id=button,
                aria_labelledby=f"{button} {line}",
                class_name="btn btn--secondary btn--sm",
            ),
            rx.cond(entry.undone_by != "", rx.el.span("Undone by ", entry.undone_by, class_name="badge entry__undone")),
        ),
        key=entry.entry_id,
        class_name="entry",
        custom_attrs={"data-undone": entry.undone_by != ""},
    )
