"""The state of the page with the reports, for staff."""

from dataclasses import dataclass

import reflex as rx

from streaming_app.backend.accounts.user_administration import LENGTHS as SUSPENSIONS
from streaming_app.backend.errors import DomainError
from streaming_app.backend.reports.model import REASONS, Report
from streaming_app.backend.reports.service import BLOCK, PAGE, SUSPENSION, allowed_resolutions
from streaming_app.backend.streams.stream_blocks import LENGTHS as BLOCKS
from streaming_app.state import services, toast
from streaming_app.state.admin import AdminState
from streaming_app.state.page_commands import keep_focus

REPORT_KINDS = {"message": "Message", "stream": "Stream", "user": "User"}
REPORT_SUSPENSIONS, REPORT_BLOCKS = tuple(SUSPENSIONS), tuple(BLOCKS)
USUAL_SUSPENSION, USUAL_BLOCK = SUSPENSION, BLOCK
_OUTCOMES = {
    "dismissed": "Dismissed",
    "message_deleted": "Message deleted",
    "suspended": "User suspended",
    "cut_off": "Stream cut off",
}
Events = list[rx.event.EventSpec]


@dataclass(frozen=True)
class ReportView:
    """A report, open or resolved."""

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
    outcome: str = ""
    """What staff did; empty while the report is open."""
    resolved_by: str = ""
    resolved_at: str = ""
    """ISO 8601, UTC."""


class AdminReports(AdminState):
    """Lists and resolves reports."""

    reports: list[ReportView] = []
    """The open reports."""
    has_older: bool = False
    resolved: list[ReportView] = []
    has_older_resolved: bool = False

    @rx.event
    async def open(self) -> None:
        """Show the newest reports; nothing to those who do not belong to the staff."""
        await self._load("")
        await self._load_resolved("")

    @rx.event
    async def older(self) -> None:
        """Add older reports to the list."""
        await self._load(str(self.reports[-1].report_id) if self.reports else "")

    @rx.event
    async def older_resolved(self) -> None:
        """Add older reports to the list of resolved reports."""
        await self._load_resolved(str(self.resolved[-1].report_id) if self.resolved else "")

    @rx.event
    async def resolve(self, report_id: str, resolution: str) -> Events:
        """Act on a report and all others about the same target."""
        return await self._resolve(str(report_id), str(resolution), "")

    @rx.event
    async def resolve_for(self, form: dict[str, str]) -> Events:
        """Suspend a user, or cut off a stream, for the chosen time."""
        return await self._resolve(form.get("report_id", ""), form.get("resolution", ""), form.get("duration", ""))

    async def _resolve(self, report_id: str, resolution: str, length: str) -> Events:
        try:
            await services.current().reports.resolve(await self._actor(), report_id, resolution, length)
        except DomainError as refused:
            await self._load("")
            return [toast.error(refused.public_message)]
        await self._load("")
        await self._load_resolved("")
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

    async def _load_resolved(self, before: str) -> None:
        try:
            found = await services.current().reports.resolved_reports(await self._actor(), before)
        except DomainError:
            self.resolved, self.has_older_resolved = [], False
            return
        shown = [_view(report) for report in found[:PAGE]]
        self.resolved = [*self.resolved, *shown] if before else shown
        self.has_older_resolved = len(found) > PAGE


def _view(report: Report) -> ReportView:
    allowed = {str(each) for each in allowed_resolutions(report.kind)}
    return ReportView(
        report_id=report.report_id,
        kind=REPORT_KINDS[report.kind],
        subject=report.subject,
        quote=report.quote,
        reason=REASONS.get(report.reason, report.reason),
        text=report.text,
        reporter=report.reporter,
        at=report.created_at.isoformat(),
        can_delete="message_deleted" in allowed,
        can_cut_off="cut_off" in allowed,
        outcome=_OUTCOMES.get(report.resolution, ""),
        resolved_by=report.resolved_by,
        resolved_at=report.resolved_at.isoformat() if report.resolved_at else "",
    )
