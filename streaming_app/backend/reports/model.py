"""The data classes of reports, and the port of their repository."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

REASONS = {
    "spam": "Spam or advertising",
    "harassment": "Harassment or threats",
    "hate": "Hate against a group of people",
    "sexual": "Sexual content",
    "violence": "Violence or self-harm",
    "copyright": "Somebody else's work, without permission",
    "impersonation": "Pretending to be somebody else",
    "other": "Something else",
}
"""The reasons for a report, as value and text. The values are stored."""


class ReportKind(StrEnum):
    """What is reported. The values are stored."""

    MESSAGE = "message"
    STREAM = "stream"
    USER = "user"


class Resolution(StrEnum):
    """What staff did about a report. The values are stored."""

    DISMISSED = "dismissed"
    MESSAGE_DELETED = "message_deleted"
    SUSPENDED = "suspended"
    CUT_OFF = "cut_off"


@dataclass(frozen=True, slots=True)
class Report:
    """One viewer's report about one target."""

    report_id: str
    """Orders the reports by time."""
    kind: ReportKind
    target_id: str
    """Id of the message, of the channel, or of the user."""
    channel_id: str
    subject_id: str
    """Id of the user who is reported: the author of the message, or the owner of the channel."""
    subject: str
    """Their username."""
    quote: str
    """The text of the message or the title of the stream, as it was reported."""
    reporter_id: str
    reporter: str
    reason: str
    """A key of ``REASONS``."""
    text: str
    """What the viewer added; may be empty."""
    created_at: datetime
    resolution: str = ""
    """A value of ``Resolution``; empty while the report is open."""
    resolved_by: str = ""
    resolved_at: datetime | None = None


class Reports(Protocol):
    """The repository of reports."""

    async def add(self, report: Report) -> None:
        """Add a report; raises ``ConflictError`` if the reporter has reported the same target before."""
        ...

    async def get(self, report_id: str) -> Report:
        """Raises ``NotFoundError``."""
        ...

    async def open_reports(self, limit: int, before: str = "") -> list[Report]:
        """Return open reports, newest first, with ids lower than ``before``, unless that is empty."""
        ...

    async def resolved_reports(self, limit: int, before: str = "") -> list[Report]:
        """Return resolved reports, newest first, with ids lower than ``before``, unless that is empty."""
        ...

    async def open_about(self, kind: ReportKind, target_id: str) -> list[Report]:
        """Return all open reports about a target, in no particular order."""
        ...

    async def list_by_reporter(self, reporter_id: str, limit: int) -> list[Report]:
        """Return reports by a user, newest first."""
        ...

    async def claim(self, report_id: str, by: str, at: datetime, lease: timedelta) -> bool:
        """Reserve an open report for one member of the staff, in one step.

        ``False`` if the report is not open, or somebody else claimed it less than ``lease`` ago.
        """
        ...

    async def resolve(self, kind: ReportKind, target_id: str, resolution: Resolution, by: str, at: datetime) -> None:
        """Resolve all open reports about a target."""
        ...
