"""The reports that the user sent, with their outcome."""

import reflex as rx

from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list
from streaming_app.state.own_reports import OwnReports, OwnReportView


def own_reports() -> rx.Component:
    """The reports, newest first."""
    return rx.el.section(
        rx.el.h2("Your reports", id="own-reports", class_name="panel__title"),
        rx.el.p(
            "What you reported, and whether the staff did something about it. The staff does not say what happened to"
            " another person.",
            class_name="field__hint",
        ),
        entry_list(OwnReports.reports, _report, "You have not reported anything."),
        class_name="panel stack",
        aria_labelledby="own-reports",
    )


def _report(report: OwnReportView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(report.kind, class_name="badge badge--offline"),
                rx.el.strong(report.subject, class_name="entry__name"),
                rx.el.span(report.reason),
                rx.el.span(local_date(at=report.at, long=True), class_name="entry__at"),
                class_name="entry__line",
            ),
            rx.cond(report.text != "", rx.el.p(report.text, class_name="entry__reason")),
            rx.cond(
                report.resolved_at != "",
                rx.el.p(
                    rx.el.strong(
                        rx.cond(report.has_effect, "The staff acted on it", "The staff found nothing against the rules")
                    ),
                    " · ",
                    local_date(at=report.resolved_at, long=True),
                ),
                rx.el.p("The staff has not reviewed it yet."),
            ),
            class_name="entry__body",
        ),
        key=report.report_id,
        class_name="entry",
    )
