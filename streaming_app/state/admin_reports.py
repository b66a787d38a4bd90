"""The state of the page with the open reports."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.errors import DomainError
from streaming_app.backend.reports.model import REASONS, Report
from streaming_app.backend.reports.service import PAGE, allowed_resolutions
from streaming_app.state import services, toast
from streaming_app.state.admin import AdminState
from streaming_app.state.page_commands import keep_focus

_KINDS = {"message": "Message", "stream": "Stream", "user": "User"}
Events = list[rx.event.EventSpec]


@dataclass(frozen=True)
class ReportView:
    """An open report."""

    report_id: str = ""
    kind: str = ""
    subject: str = ""
    quote: str = ""
    reason: str = ""
    text: str = ""
    reporter: str = ""
    at: str = ""
    """ISO 8601, UTC."""
    can_delete: bool = False
    can_cut_off: bool = False


class AdminReports(AdminState):
    """Lists and resolves reports."""

    reports: list[ReportView] = []
    has_older: bool = False

    @rx.event
    async def open(self) -> None:
        """Show the newest open reports; nothing to those who do not belong to the staff."""
        await self._load("")

    @rx.event
    async def older(self) -> None:
        """Add older reports to the list."""
        await self._load(str(self.reports[-1].report_id) if self.reports else "")

    @rx.event
    async def resolve(self, report_id: str, resolution: str) -> Events:
        """Act on a report and all others about the same target."""
        try:
            await services.current().reports.resolve(await self._actor(), str(report_id), str(resolution))
        except DomainError as refused:
            await self._load("")
            return [toast.error(refused.public_message)]
        await self._load("")
        return [toast.success("The report is resolved."), keep_focus()]

    async def _load(self, before: str) -> None:
        try:
            found = await services.current().reports.open_reports(await self._actor(), before)
        except DomainError:
            self.reports, self.has_older = [], False
            return
        shown = [_view(report) for report in found[:PAGE]]
        self.reports = [*self.reports, *shown] if before else shown
        self.has_older = len(found) > PAGE


def _view(report: Report) -> ReportView:
    allowed = {str(each) for each in allowed_resolutions(report.kind)}
    return ReportView(
        report_id=report.report_id,
        kind=_KINDS[report.kind],
        subject=report.subject,
        quote=report.quote,
        reason=REASONS.get(report.reason, report.reason),
        text=report.text,
        reporter=report.reporter,
        at=report.created_at.isoformat(),
        can_delete="message_deleted" in allowed,
        can_cut_off="cut_off" in allowed,
    )
