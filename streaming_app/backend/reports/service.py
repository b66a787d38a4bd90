"""The use cases of reports: viewers file them, and staff resolve them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction, AuditLog, Party
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.policy import may_use_site
from streaming_app.backend.accounts.ports import Users
from streaming_app.backend.accounts.staff import Staff
from streaming_app.backend.accounts.time_ordered_ids import time_ordered_id
from streaming_app.backend.accounts.user_administration import LENGTHS as SUSPENSION_LENGTHS
from streaming_app.backend.accounts.user_administration import UserAdministration
from streaming_app.backend.chat.moderation import ModerationService
from streaming_app.backend.chat.ports import ChatArchive
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from streaming_app.backend.rate_limit import NewRateLimit, RateLimit
from streaming_app.backend.reports.model import REASONS, Report, ReportKind, Reports, Resolution
from streaming_app.backend.streams.live_administration import LiveAdministration
from streaming_app.backend.streams.ports import Channels
from streaming_app.backend.streams.stream_blocks import LENGTHS as BLOCK_LENGTHS
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
OWN_MAX = 100
"""Reports on the page of the user who sent them."""
SUSPENSION, BLOCK = "7 days", "1 day"
"""The lengths of a suspension and of a block that the list suggests."""
_LENGTHS = {Resolution.SUSPENDED: SUSPENSION_LENGTHS, Resolution.CUT_OFF: BLOCK_LENGTHS}


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
        mails: AccountMails,
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
        self._mails = mails
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
        await self._limit.spend(user.user_id)
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

    async def resolved_reports(self, actor: Staff, before: str = "") -> list[Report]:  # noqa: ARG002 - proves the right
        """Return at most ``PAGE + 1`` resolved reports, newest first, with ids lower than ``before``."""
        return await self._reports.resolved_reports(PAGE + 1, before)

    async def filed_by(self, user_id: str) -> list[Report]:
        """Return the newest ``OWN_MAX`` reports that a user sent, newest first."""
        return await self._reports.list_by_reporter(user_id, OWN_MAX)

    async def resolve(self, actor: Staff, report_id: str, resolution: str, length: str = "") -> None:
        """Act on the target of a report, resolve all open reports about it, and tell those who sent them by mail.

        ``length`` is how long a suspension or a block of the channel lasts, as their forms name it.

        The report is claimed first, so two members of the staff cannot act at once. If the process dies in between,
        the report stays open, and acting again has the same effect. Raises ``NotFoundError``, ``ForbiddenError``,
        ``InvalidError`` for ``resolution`` or ``duration``, or ``ConflictError`` if somebody else resolves the report.
        """
        report = await self._reports.get(report_id)
        if resolution not in allowed_resolutions(report.kind):
            raise InvalidError("resolution", "This is not possible for this report.")
        chosen = Resolution(resolution)
        if chosen in _LENGTHS and length not in _LENGTHS[chosen]:
            raise InvalidError("duration", "Choose how long.")
        if not await self._reports.claim(report_id, actor.party.name, self._now(), LEASE):
            raise ConflictError("Somebody else has resolved this report, or is about to. Look again in a minute.")
        await self._act(actor, report, chosen, length)
        about = Party(report.subject, report.subject_id)
        lasting = f" ({length})" if chosen in _LENGTHS else ""
        details = f"{chosen.replace('_', ' ')}{lasting}: {report.kind}, {REASONS[report.reason]}"
        await self._audit_log.record(AuditAction.REPORT_RESOLVED, actor.party, about, details)
        resolved = await self._reports.open_about(report.kind, report.target_id)
        await self._reports.resolve(report.kind, report.target_id, chosen, actor.party.name, self._now())
        self._mails.in_background(self._tell_reporters(resolved))

    async def _tell_reporters(self, resolved: list[Report]) -> None:
        for report in resolved:
            with suppress(NotFoundError):
                await self._mails.send_report_reviewed(await self._users.get(report.reporter_id))

    async def _act(self, actor: Staff, report: Report, resolution: Resolution, length: str) -> None:
        why = f"Reported: {REASONS[report.reason]}"
        match resolution:
            case Resolution.MESSAGE_DELETED:
                with suppress(NotFoundError):  # the message is deleted already
                    await self._moderation.delete(report.channel_id, actor.party.party_id, report.target_id, why)
            case Resolution.SUSPENDED:
                await self._user_administration.suspend(actor, report.subject_id, why, length)
            case Resolution.CUT_OFF:
                await self._live.cut_off(actor, report.channel_id, why, length)
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


def report_limit(new_limit: NewRateLimit) -> RateLimit:
    """Return the limit of reports by one user."""
    return new_limit("reports", BURST, REFILL, "Too many reports.")
