"""The state of the page with the reports that the user sent."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.errors import NotSignedInError
from streaming_app.backend.reports.model import REASONS, Report, Resolution
from streaming_app.state import services
from streaming_app.state.admin_reports import REPORT_KINDS
from streaming_app.state.session import acting_user_id


@dataclass(frozen=True)
class OwnReportView:
    """A report that the user sent. It does not say what happened to the other person."""

    report_id: str = ""
    kind: str = ""
    subject: str = ""
    reason: str = ""
    text: str = ""
    at: str = ""
    """ISO 8601, UTC."""
    resolved_at: str = ""
    """ISO 8601, UTC; empty until the staff has reviewed the report."""
    has_effect: bool = False
    """Whether the staff did something about it."""


class OwnReports(rx.State):
    """Lists the reports and their outcome."""

    reports: list[OwnReportView] = []

    @rx.event
    async def open(self) -> None:
        """Load the reports; the list is empty for signed-out users."""
        try:
            found = await services.current().reports.filed_by(await acting_user_id(self))
        except NotSignedInError:
            found = []
        self.reports = [_view(report) for report in found]


def _view(report: Report) -> OwnReportView:
    return OwnReportView(
        report_id=report.report_id,
        kind=REPORT_KINDS[report.kind],
        subject=report.subject,
        reason=REASONS.get(report.reason, report.reason),
        text=report.text,
        at=report.created_at.isoformat(),
        resolved_at=report.resolved_at.isoformat() if report.resolved_at else "",
        has_effect=report.resolution not in {"", Resolution.DISMISSED},
    )
