"""The use cases of reports: viewers file them, and staff resolve them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, Party
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.policy import may_use_site
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.accounts.time_ordered_ids import time_ordered_id
from streaming_app.backend.accounts.user_administration import UserAdministration
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.reports.model import REASONS, Report, ReportKind, Reports, Resolution
from streaming_app.backend.streams.live_administration import LiveAdministration
from streaming_app.backend.streams.ports import Channels
from streaming_app.backend.text_cleaning import check_length, visible_text

TEXT_MAX = 500
PAGE = 25
"""Reports on one page of the list."""
LEASE = timedelta(minutes=1)
"""How long a report is reserved for the member of the staff who began to resolve it."""
BURST = 5
"""Reports that one user may file at once."""
REFILL = timedelta(minutes=1)
"""Interval of further reports of one user."""
SUSPENDED_FOR = "7 days"
CUT_OFF_FOR = "1 day"


class ReportService:
    """Files and resolves reports."""

    def __init__(
        self,
        reports: Reports,
        users: Users,
        channels: Channels,
        archive: ChatArchive,
        moderation: ModerationService,
        user_administration: UserAdministration,
        live: LiveAdministration,
        now: Callable[[], datetime],
        limit: RateLimit,
        audit_log: AuditLog,
    ) -> None:
        self._reports = reports
        self._channels = channels
        self._archive = archive
        self._moderation = moderation
        self._users = users
        self._user_administration = user_administration
        self._live = live
        self._now = now
        self._limit = limit
        self._audit_log = audit_log

    async def describe(self, slug: str, message_id: str) -> tuple[str, str]:
        """Return the name of the user who would be reported, and the text of the message; empty without a message.

        Raises ``NotFoundError`` if the channel or the message does not exist.
        """
        channel = await self._channels.get_by_slug(slug)
        if not message_id:
            return channel.name, ""
        message = await self._archive.get(channel.channel_id, message_id)
        return message.username, message.text

    async def file(self, user: User, slug: str, message_id: str, kind: str, reason: str, text: str) -> None:
        """File a report of ``user`` about the message, or without one about the stream or the owner of the channel.

        Raises ``InvalidError`` for ``kind``, ``reason`` or ``text``, ``NotFoundError``, ``ForbiddenError``,
        ``ConflictError`` if the user has reported it before, or ``RateLimitedError``.
        """
        may_use_site(user)
        if reason not in REASONS:
            raise InvalidError("reason", "Choose a reason.")
        words = check_length(visible_text(text), TEXT_MAX, "text")
        channel = await self._channels.get_by_slug(slug)
        owner = await self._users.get(channel.owner_id)
        subject_id, subject, quote = owner.user_id, owner.username, channel.title
        if message_id:
            message = await self._archive.get(channel.channel_id, message_id)
            subject_id, subject, quote = message.user_id, message.username, message.text
            about, target_id = ReportKind.MESSAGE, message_id
        elif kind == ReportKind.STREAM:
            about, target_id = ReportKind.STREAM, channel.channel_id
        elif kind == ReportKind.USER:
            about, target_id, quote = ReportKind.USER, subject_id, ""
        else:
            raise InvalidError("kind", "Choose what you report.")
        if subject_id == user.user_id:
            raise ForbiddenError("You can't report yourself.")
        self._limit.spend(user.user_id)
        now = self._now()
        await self._reports.add(
            Report(
                report_id=time_ordered_id(now),
                kind=about,
                target_id=target_id,
                channel_id=channel.channel_id,
                subject_id=subject_id,
                subject=subject,
                quote=quote,
                reporter_id=user.user_id,
                reporter=user.username,
                reason=reason,
                text=words,
                created_at=now,
            )
        )

    async def open_reports(self, actor: Staff, before: str = "") -> list[Report]:  # noqa: ARG002 - proves the right
        """Return at most ``PAGE + 1`` open reports, newest first, with ids lower than ``before``."""
        return await self._reports.open_reports(PAGE + 1, before)

    async def resolve(self, actor: Staff, report_id: str, resolution: str) -> None:
        """Act on the target of a report, and resolve all open reports about it.

        The report is claimed first, so two members of the staff cannot act at once. If the process dies in between,
        the report stays open, and acting again has the same effect. Raises ``NotFoundError``, ``ForbiddenError``,
        ``InvalidError`` for ``resolution``, or ``ConflictError`` if somebody else resolves the report.
        """
        report = await self._reports.get(report_id)
        if resolution not in allowed_resolutions(report.kind):
            raise InvalidError("resolution", "This is not possible for this report.")
        chosen = Resolution(resolution)
        if not await self._reports.claim(report_id, actor.party.name, self._now(), LEASE):
            raise ConflictError("Somebody else has resolved this report, or is about to. Look again in a minute.")
        await self._act(actor, report, chosen)
        about = Party(report.subject, report.subject_id)
        details = f"{chosen.replace('_', ' ')}: {report.kind}, {REASONS[report.reason]}"
        await self._audit_log.record(AuditAction.REPORT_RESOLVED, actor.party, about, details)
        await self._reports.resolve(report.kind, report.target_id, chosen, actor.party.name, self._now())

    async def _act(self, actor: Staff, report: Report, resolution: Resolution) -> None:
        why = f"Reported: {REASONS[report.reason]}"
        match resolution:
            case Resolution.MESSAGE_DELETED:
                with suppress(NotFoundError):  # the message is deleted already
                    await self._moderation.delete(report.channel_id, actor.party.party_id, report.target_id, why)
            case Resolution.SUSPENDED:
                await self._user_administration.suspend(actor, report.subject_id, why, SUSPENDED_FOR)
            case Resolution.CUT_OFF:
                await self._live.cut_off(actor, report.channel_id, why, CUT_OFF_FOR)
            case _:
                pass


def allowed_resolutions(kind: ReportKind) -> tuple[Resolution, ...]:
    """Return what staff can do about a report of this kind."""
    specific = {
        ReportKind.MESSAGE: (Resolution.MESSAGE_DELETED, Resolution.SUSPENDED),
        ReportKind.STREAM: (Resolution.CUT_OFF, Resolution.SUSPENDED),
        ReportKind.USER: (Resolution.SUSPENDED,),
    }
    return (Resolution.DISMISSED, *specific[kind])


def report_limit(clock: Callable[[], float]) -> RateLimit:
    """Return the limit of reports by one user; ``clock`` is monotonic, in seconds."""
    return RateLimit(BURST, REFILL, clock, "Too many reports.")
