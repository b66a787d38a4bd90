"""Reports: what viewers may report, and what the staff does about it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streaming_app.backend.accounts.account_mails import AccountMails
from streaming_app.backend.accounts.audit_log import AuditAction
from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.staff import Staff, staff_member
from streaming_app.backend.adapters.development_mailbox import DevelopmentMailbox
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, RateLimitedError
from streaming_app.backend.events import CHAT_TOPIC
from streaming_app.backend.rate_limit import limits_in_process
from streaming_app.backend.reports.model import Report
from streaming_app.backend.reports.service import BURST, LEASE, PAGE, TEXT_MAX, ReportService, report_limit
from streaming_app.backend.streams.model import Channel, Publisher
from tests.rig.conditions import until_async
from tests.rig.faults import Faults, for_each_fault

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OBS = Publisher("1", "192.0.2.7", "OBS")


def user(name: str, role: SiteRole = SiteRole.USER) -> User:
    return User(f"u-{name}", name, f"{name}@example.com", "hash", NOW - timedelta(days=9), site_role=role)


OLGA, TROLL, ANN, BOB = user("Olga"), user("Troll"), user("Ann"), user("Bob")
ROOT, MIA = user("Root", SiteRole.ADMIN), user("Mia", SiteRole.MODERATOR)
BY_ROOT, BY_MIA = staff_member(ROOT), staff_member(MIA)


class Desk:
    """The reports of a site with Olga's channel, in which Troll wrote a message."""

    def __init__(self, backend: Backend, channel: Channel, faults: Faults) -> None:
        self.backend, self.channel = backend, channel
        self.now = NOW
        wrap = faults.around
        store = backend.store
        self.mailbox = DevelopmentMailbox("https://live.test", self.clock)
        self.mails = AccountMails(self.mailbox, "https://live.test")
        self.reports = ReportService(
            wrap(store.reports),
            store.users,
            store.channels,
            store.chat_archive,
            wrap(backend.moderation),
            wrap(backend.users),
            wrap(backend.live_administration),
            self.mails,
            self.clock,
            report_limit(limits_in_process(self.seconds)),
            wrap(backend.audit_log),
        )

    def clock(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    async def write(self, message_id: str, author: User = TROLL) -> None:
        """Store a message in the channel."""
        text = f"text of {message_id}"
        message = ChatMessage(message_id, self.channel.channel_id, author.user_id, author.username, text, NOW, 1)
        await self.backend.store.chat_archive.add([message])

    async def file(self, by: User, message_id: str = "", kind: str = "stream") -> Report:
        """File a report, and return it as it was stored."""
        await self.reports.file(by, "olga", message_id, kind, "spam", "")
        return (await self.open())[0]

    async def open(self) -> list[Report]:
        return await self.reports.open_reports(BY_ROOT)

    async def message_is_deleted(self, message_id: str) -> bool:
        return await self.backend.store.chat_archive.is_deleted(self.channel.channel_id, message_id)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_backend(Settings(data_dir=tmp_path / "data", supervise=frozenset())) as backend:
        for each in (OLGA, TROLL, ANN, BOB, ROOT, MIA):
            await backend.store.users.add(each)
        desk = Desk(backend, await backend.channels.get_or_create(OLGA), Faults())
        await desk.write("m1")
        async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group="chat-archiver"):
            yield desk


async def test_a_report_has_the_author_and_the_text_of_the_message(desk: Desk) -> None:
    await desk.reports.file(ANN, "olga", "m1", "", "hate", "  in every stream\u202e ")

    [report] = await desk.open()
    assert (report.kind, report.target_id, report.subject_id, report.subject) == ("message", "m1", "u-Troll", "Troll")
    assert (report.quote, report.reason, report.text) == ("text of m1", "hate", "in every stream")
    assert (report.reporter_id, report.channel_id) == ("u-Ann", desk.channel.channel_id)


@pytest.mark.parametrize(("kind", "target", "quote"), [("stream", "channel", "Olga's stream"), ("user", "owner", "")])
async def test_a_report_about_a_channel_names_its_owner(desk: Desk, kind: str, target: str, quote: str) -> None:
    await desk.backend.profiles.set_display_name(OLGA, "Olga the Great")

    report = await desk.file(ANN, kind=kind)

    ids = {"channel": desk.channel.channel_id, "owner": "u-Olga"}
    assert (report.target_id, report.subject, report.quote) == (ids[target], "Olga", quote)


@pytest.mark.parametrize(
    ("kind", "reason", "text", "field"),
    [
        ("stream", "", "", "reason"),
        ("stream", "boring", "", "reason"),
        ("stream", "spam", "x" * (TEXT_MAX + 1), "text"),
        ("message", "spam", "", "kind"),
        ("", "spam", "", "kind"),
    ],
)
async def test_a_wrong_field_is_named(desk: Desk, kind: str, reason: str, text: str, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        await desk.reports.file(ANN, "olga", "", kind, reason, text)

    assert list(refused.value.fields) == [field]
    assert await desk.open() == []


async def test_nobody_reports_themselves_or_what_does_not_exist(desk: Desk) -> None:
    for by, message_id in ((TROLL, "m1"), (OLGA, "")):
        with pytest.raises(ForbiddenError):
            await desk.file(by, message_id)
    for slug, message_id in (("nobody", ""), ("olga", "m9")):
        with pytest.raises(NotFoundError):
            await desk.reports.describe(slug, message_id)
        with pytest.raises(NotFoundError):
            await desk.reports.file(ANN, slug, message_id, "stream", "spam", "")


async def test_a_suspended_user_reports_nothing(desk: Desk) -> None:
    suspended = await desk.backend.users.suspend(BY_ROOT, ANN.user_id, "spam", "1 day")

    with pytest.raises(ForbiddenError):
        await desk.file(suspended, "m1")


async def test_reports_by_one_user_are_limited(desk: Desk) -> None:
    for number in range(BURST + 2):
        await desk.write(f"x{number}")
    for number in range(BURST):
        await desk.file(ANN, f"x{number}")

    with pytest.raises(RateLimitedError):
        await desk.file(ANN, f"x{BURST}")
    await desk.file(BOB, f"x{BURST}")
    desk.now += timedelta(minutes=1)
    await desk.file(ANN, f"x{BURST}")


async def test_reports_are_read_in_pages(desk: Desk) -> None:
    for number in range(PAGE + 2):
        await desk.write(f"x{number}")
        desk.now += timedelta(minutes=1)
        await desk.file(ANN, f"x{number}")

    first = await desk.open()

    assert len(first) == PAGE + 1
    older = await desk.reports.open_reports(BY_ROOT, first[PAGE - 1].report_id)
    assert [report.target_id for report in older] == ["x1", "x0"]


async def test_deleting_the_message_resolves_all_reports_about_it(desk: Desk) -> None:
    report = await desk.file(ANN, "m1")
    await desk.file(BOB, "m1")
    other = await desk.file(BOB)

    await desk.reports.resolve(BY_MIA, report.report_id, "message_deleted")

    await until_async(lambda: desk.message_is_deleted("m1"), "the message is deleted")
    assert await desk.open() == [other]
    [entry] = await desk.backend.audit_log.newest(9, action=AuditAction.REPORT_RESOLVED)
    assert (entry.actor, entry.target) == ("Mia", "Troll")
    assert entry.details == "message deleted: message, Spam or advertising"


async def test_suspending_ends_the_sessions_of_the_author(desk: Desk) -> None:
    report = await desk.file(ANN, "m1")

    await desk.reports.resolve(BY_MIA, report.report_id, "suspended", "30 days")

    troll = await desk.backend.store.users.get(TROLL.user_id)
    assert (troll.banned, troll.ban_reason) == (True, "Reported: Spam or advertising")
    assert troll.banned_until
    assert timedelta(days=29) < troll.banned_until - datetime.now(UTC) <= timedelta(days=30)
    assert troll.session_generation == TROLL.session_generation + 1


async def test_cutting_off_blocks_the_channel(desk: Desk) -> None:
    report = await desk.file(ANN)

    await desk.reports.resolve(BY_MIA, report.report_id, "cut_off", "1 hour")

    key = await desk.backend.channels.stream_key(OLGA.user_id)
    with pytest.raises(Exception, match="blocked this channel"):
        await desk.backend.streams.start(desk.channel.channel_id, key.partition("?key=")[2], OBS)


@pytest.mark.parametrize(
    ("resolution", "length"), [("suspended", ""), ("suspended", "10 minutes"), ("cut_off", ""), ("cut_off", "30 days")]
)
async def test_a_length_that_the_form_does_not_have_is_refused(desk: Desk, resolution: str, length: str) -> None:
    report = await desk.file(ANN)

    with pytest.raises(InvalidError) as refused:
        await desk.reports.resolve(BY_MIA, report.report_id, resolution, length)

    assert list(refused.value.fields) == ["duration"]
    await desk.reports.resolve(BY_ROOT, report.report_id, "dismissed")  # Mia had not reserved it


async def test_all_who_reported_something_are_told_that_it_was_reviewed(desk: Desk) -> None:
    report = await desk.file(ANN, "m1")
    await desk.file(BOB, "m1")

    await desk.reports.resolve(BY_MIA, report.report_id, "suspended", "7 days")
    await desk.mails.wait_until_sent()

    mails = desk.mailbox.mails()
    assert {each.to for each in mails} == {ANN.email, BOB.email}
    for each in mails:
        assert "https://live.test/settings/reports" in each.mail.text
        assert "Troll" not in each.mail.text
        assert "suspended" not in each.mail.text
    [own] = await desk.reports.filed_by(ANN.user_id)
    assert own.resolution == "suspended"


async def test_resolved_reports_are_read_in_pages(desk: Desk) -> None:
    for number in range(PAGE + 2):
        await desk.write(f"x{number}")
        desk.now += timedelta(minutes=1)
        report = await desk.file(ANN, f"x{number}")
        await desk.reports.resolve(BY_MIA, report.report_id, "dismissed")
    await desk.file(ANN, "m1")

    first = await desk.reports.resolved_reports(BY_ROOT)

    assert len(first) == PAGE + 1
    older = await desk.reports.resolved_reports(BY_ROOT, first[PAGE - 1].report_id)
    assert [report.target_id for report in older] == ["x1", "x0"]


async def test_dismissing_changes_nothing_else(desk: Desk) -> None:
    report = await desk.file(ANN, "m1")

    await desk.reports.resolve(BY_MIA, report.report_id, "dismissed")

    assert await desk.open() == []
    assert not await desk.message_is_deleted("m1")
    assert await desk.backend.store.users.get(TROLL.user_id) == TROLL


@pytest.mark.parametrize(
    ("kind", "resolution"), [("stream", "message_deleted"), ("user", "cut_off"), ("stream", ""), ("user", "deleted")]
)
async def test_a_resolution_that_does_not_fit_is_refused(desk: Desk, kind: str, resolution: str) -> None:
    report = await desk.file(ANN, kind=kind)

    with pytest.raises(InvalidError):
        await desk.reports.resolve(BY_ROOT, report.report_id, resolution, "7 days")
    assert await desk.open() == [report]


async def test_a_moderator_cannot_suspend_an_admin_by_a_report(desk: Desk) -> None:
    await desk.write("m2", ROOT)
    report = await desk.file(ANN, "m2")

    with pytest.raises(ForbiddenError):
        await desk.reports.resolve(BY_MIA, report.report_id, "suspended", "30 days")

    assert await desk.open() == [report]
    assert await desk.backend.audit_log.newest(9, action=AuditAction.REPORT_RESOLVED) == []
    desk.now += LEASE + timedelta(seconds=1)
    await desk.reports.resolve(BY_ROOT, report.report_id, "dismissed")


async def test_one_of_two_moderators_resolves_a_report(desk: Desk) -> None:
    report = await desk.file(ANN, "m1")

    async def resolve(actor: Staff, resolution: str) -> bool:
        try:
            await desk.reports.resolve(actor, report.report_id, resolution, "7 days")
        except ConflictError:
            return False
        return True

    done = await asyncio.gather(resolve(BY_ROOT, "suspended"), resolve(BY_MIA, "dismissed"))

    assert sorted(done) == [False, True]
    stored = await desk.backend.store.reports.get(report.report_id)
    assert (stored.resolution, stored.resolved_by) == (("suspended", "Root") if done[0] else ("dismissed", "Mia"))
    assert (await desk.backend.store.users.get(TROLL.user_id)).banned == done[0]


@pytest.mark.parametrize("resolution", ["message_deleted", "suspended"])
async def test_a_report_is_resolved_after_an_interruption_at_any_step(desk: Desk, resolution: str) -> None:
    reported = iter(range(1000))

    async def prepare(faults: Faults) -> tuple[Desk, str]:
        message_id = f"x{next(reported)}"
        fresh = Desk(desk.backend, desk.channel, faults)
        await fresh.write(message_id)
        report = await fresh.file(ANN, message_id)
        return fresh, report.report_id

    async def act(world: tuple[Desk, str]) -> None:
        await world[0].reports.resolve(BY_MIA, world[1], resolution, "7 days")

    async def is_resolved(world: tuple[Desk, str]) -> None:
        stored = await desk.backend.store.reports.get(world[1])
        assert (stored.resolution, stored.resolved_by) == (resolution, "Mia")
        if resolution == "message_deleted":
            await until_async(lambda: desk.message_is_deleted(stored.target_id), "the message is deleted")

    await for_each_fault(prepare, act, is_resolved)
