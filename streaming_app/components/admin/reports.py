"""The reports, for staff."""

import reflex as rx

from streaming_app import routes
from streaming_app.components.clock import local_date
from streaming_app.components.entries import entry_list, more_button
from streaming_app.components.layout import nav_link
from streaming_app.state.admin_reports import (
    REPORT_BLOCKS,
    REPORT_SUSPENSIONS,
    USUAL_BLOCK,
    USUAL_SUSPENSION,
    AdminReports,
    ReportView,
)


def open_reports() -> rx.Component:
    """The open reports, newest first, with buttons that resolve them."""
    return rx.el.section(
        entry_list(AdminReports.reports, _open_report, "There are no open reports."),
        more_button("Show older", AdminReports.older, shown=AdminReports.has_older),
        class_name="panel stack",
        aria_label="Open reports",
    )


def resolved_reports() -> rx.Component:
    """The resolved reports, newest first, with what staff did."""
    return rx.el.section(
        rx.el.h2("Resolved reports", id="resolved", class_name="panel__title"),
        entry_list(AdminReports.resolved, _resolved_report, "No report has been resolved."),
        more_button("Show older resolved reports", AdminReports.older_resolved, shown=AdminReports.has_older_resolved),
        class_name="panel stack",
        aria_labelledby="resolved",
    )


def _open_report(report: ReportView) -> rx.Component:
    return _entry(
        report,
        rx.el.div(
            _button(report, "Dismiss", "dismissed", "btn--secondary"),
            rx.cond(report.can_delete, _button(report, "Delete message", "message_deleted", "btn--danger")),
            rx.cond(report.can_cut_off, _timed(report, "Cut off", "cut_off", REPORT_BLOCKS, USUAL_BLOCK)),
            _timed(report, "Suspend", "suspended", REPORT_SUSPENSIONS, USUAL_SUSPENSION),
            class_name="row row--wrap",
        ),
    )


def _resolved_report(report: ReportView) -> rx.Component:
    return _entry(
        report,
        rx.el.p(
            rx.el.strong(report.outcome),
            f" by {report.resolved_by}, ",
            local_date(at=report.resolved_at, long=True),
            class_name="entry__reason",
        ),
    )


def _entry(report: ReportView, below: rx.Component) -> rx.Component:
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
            below,
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


def _timed(report: ReportView, label: str, resolution: str, lengths: tuple[str, ...], usual: str) -> rx.Component:
    """A form that acts for the chosen time."""
    return rx.el.form(
        rx.el.input(type="hidden", name="report_id", default_value=report.report_id),
        rx.el.input(type="hidden", name="resolution", default_value=resolution),
        rx.el.button(label, type="submit", class_name="btn btn--sm btn--danger"),
        rx.el.select(
            *[rx.el.option(length, value=length) for length in lengths],
            name="duration",
            default_value=usual,
            aria_label=f"{label}: how long",
            class_name="input",
        ),
        on_submit=AdminReports.resolve_for,
        class_name="admin__act",
    )
