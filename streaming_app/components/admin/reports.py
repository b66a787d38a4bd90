"""The open reports, for staff."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list, more_button
from streaming_app.components.layout import nav_link
from streaming_app.state.admin_reports import AdminReports, ReportView


def open_reports() -> rx.Component:
    """The open reports, newest first, with buttons that resolve them."""
    return rx.el.section(
        entry_list(AdminReports.reports, _report, "There are no open reports."),
        more_button("Show older", AdminReports.older, shown=AdminReports.has_older),
        class_name="panel stack",
        aria_label="Open reports",
    )


def _report(report: ReportView) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.span(report.kind, class_name="badge badge--offline"),
                nav_link(report.subject, to=routes.admin_user(report.subject), class_name="link entry__name"),
                rx.el.span(report.reason),
                rx.el.span(local_date(at=report.at, long=True), class_name="entry__at"),
                class_name="entry__line",
            ),
            rx.cond(report.quote != "", rx.el.blockquote(report.quote, class_name="entry__quote")),
            rx.el.p(
                f"Reported by {report.reporter}",
                rx.cond(report.text != "", f": {report.text}", ""),
                class_name="entry__reason",
            ),
            rx.el.div(
                _button(report, "Dismiss", "dismissed", "btn--secondary"),
                rx.cond(report.can_delete, _button(report, "Delete message", "message_deleted", "btn--danger")),
                rx.cond(report.can_cut_off, _button(report, "Cut off for 1 day", "cut_off", "btn--danger")),
                _button(report, "Suspend for 7 days", "suspended", "btn--danger"),
                class_name="row row--wrap",
            ),
            class_name="entry__body",
        ),
        key=report.report_id,
        class_name="entry",
    )


def _button(report: ReportView, label: str, resolution: str, kind: str) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        on_click=AdminReports.resolve(report.report_id, resolution),
        class_name=f"btn btn--sm {kind}",
    )
