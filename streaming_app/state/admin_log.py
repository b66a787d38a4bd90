"""The state of the page with the audit log."""

import reflex as rx

from streaming_app.backend.accounts.staff import must_be_admin
from streaming_app.backend.errors import DomainError
from streaming_app.state import services
from streaming_app.state.admin import AdminState
from streaming_app.state.admin_view_models import AuditView, audit_view

PAGE = 50
"""Entries on one page of the log."""


class AdminLog(AdminState):
    """Reads the audit log. Only for admins, because it contains the addresses of all users."""

    entries: list[AuditView] = []
    has_older: bool = False
    name: str = ""
    action: str = ""

    @rx.event
    async def open(self) -> None:
        """Show the newest entries; nothing to others than admins."""
        self.name = self.action = ""
        await self._load("")

    @rx.event
    async def search(self, form: dict[str, str]) -> None:
        """Show the newest entries that the form asks for."""
        self.name, self.action = form.get("name", "").strip()[:100], form.get("action", "")
        await self._load("")

    @rx.event
    async def older(self) -> None:
        """Add older entries to the list."""
        await self._load(str(self.entries[-1].entry_id) if self.entries else "")

    async def _load(self, before: str) -> None:
        try:
            must_be_admin(await self._actor())
        except DomainError:
            self.entries, self.has_older = [], False
            return
        found = await services.current().audit_log.newest(
            PAGE + 1, before=before, name=str(self.name), action=str(self.action)
        )
        shown = [audit_view(entry) for entry in found[:PAGE]]
        self.entries = [*self.entries, *shown] if before else shown
        self.has_older = len(found) > PAGE
