"""The states of reports: the form of viewers, and the list of the staff."""

import asyncio

import pytest

from streaming_app.backend.accounts.model import SiteRole, User
from streaming_app.backend.accounts.service import Registration
from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.state.admin_reports import AdminReports
from streaming_app.state.chat import ChatState
from streaming_app.state.own_reports import OwnReports
from streaming_app.state.report import ReportState
from tests.state.conftest import PASSWORD, Tab
from tests.state.test_admin import run, sign_in

FORM = {"kind": "user", "reason": "spam", "text": "again and again"}


@pytest.fixture
async def bob(backend: Backend) -> User:
    """The owner of a channel, who wrote the message ``m1`` there."""
    bob = await backend.accounts.register(Registration("Bob", "bob@example.com", PASSWORD), "192.0.2.1")
    channel = await backend.channels.get_or_create(bob)
    message = ChatMessage("m1", channel.channel_id, bob.user_id, "Bob", "buy now", channel.created_at, 1)
    await backend.store.chat_archive.add([message])
    return bob


async def report(token: str, query: str = "") -> ReportState:
    """Open the page with the form, and send it."""
    page = await Tab(f"http://site.test/c/bob/report{query}", token).state(ReportState)
    assert await ReportState.open.fn(page) is None
    await ReportState.submit.fn(page, FORM)
    return page


async def staff_page(backend: Backend, user: User, role: SiteRole = SiteRole.MODERATOR) -> AdminReports:
    page = await Tab("http://site.test/admin/reports", await sign_in(backend, user, role)).state(AdminReports)
    await AdminReports.open.fn(page)
    return page


async def test_a_viewer_reports_a_message_once(bob: User, ana_token: str) -> None:
    first, second = await report(ana_token, "?message=m1"), await report(ana_token, "?message=m1")

    assert bob.username == "Bob"
    assert (first.name, first.quote, first.step, first.errors.form) == ("Bob", "buy now", "sent", "")
    assert (second.step, second.errors.form) == (
        "about a message",
        "You have reported this already. The staff will look at it.",
    )


async def test_the_form_names_the_wrong_field(bob: User, ana_token: str) -> None:
    page = await Tab(f"http://site.test/c/{bob.username.lower()}/report", ana_token).state(ReportState)
    await ReportState.open.fn(page)

    assert await ReportState.submit.fn(page, {"kind": "stream", "reason": ""})

    assert (page.errors.reason, page.step) == ("Choose a reason.", "about a channel")


@pytest.mark.parametrize("path", ["/c/nobody/report", "/c/bob/report?message=m9"])
async def test_the_page_says_that_the_target_does_not_exist(bob: User, ana_token: str, path: str) -> None:
    page = await Tab(f"http://site.test{path}", ana_token).state(ReportState)

    await ReportState.open.fn(page)

    assert (page.missing, page.quote, bob.username) == (True, "", "Bob")


async def test_visitors_are_sent_to_the_sign_in_page_and_back(backend: Backend, bob: User) -> None:
    page = await Tab("http://site.test/c/bob/report?message=m1").state(ReportState)

    sent = str(await ReportState.open.fn(page))
    await ReportState.submit.fn(page, FORM)

    assert "/login" in sent
    assert "report" in sent
    assert "m1" in sent
    assert (page.quote, page.step, page.errors.form) == ("", "", "You are signed out. Sign in and try again.")
    assert (await backend.reports.open_reports(OPERATOR_STAFF), bob.username) == ([], "Bob")


async def test_the_menu_of_a_message_opens_the_form(backend: Backend, bob: User, ana_token: str) -> None:
    chat = await Tab("http://site.test/c/bob", ana_token).state(ChatState)
    channel = await backend.channels.get_or_create(bob)

    assert "/c/bob/report?message=m1%26x" in str(await ChatState.report.fn(chat, channel.channel_id, "m1&x"))
    assert "toastError" in str(await ChatState.report.fn(chat, "nowhere", "m1"))


async def test_a_site_moderator_sees_and_resolves_a_report(
    backend: Backend, ana: User, ana_token: str, bob: User
) -> None:
    await report(ana_token, "?message=m1")
    mia = await backend.accounts.register(Registration("Mia", "mia@example.com", PASSWORD), "192.0.2.1")
    page = await staff_page(backend, mia)
    [shown] = page.reports
    assert (shown.kind, shown.subject, shown.quote, shown.reporter) == ("Message", "Bob", "buy now", ana.username)
    assert (shown.reason, shown.text) == ("Spam or advertising", "again and again")
    assert (shown.can_delete, shown.can_cut_off) == (True, False)

    form = {"report_id": shown.report_id, "resolution": "suspended", "duration": "1 day"}
    assert "toastSuccess" in await run(AdminReports.resolve_for.fn(page, form))

    assert page.reports == []
    assert [(each.outcome, each.resolved_by) for each in page.resolved] == [("User suspended", "Mia")]
    own = await Tab("http://site.test/settings/reports", ana_token).state(OwnReports)
    await OwnReports.open.fn(own)
    assert [(each.subject, each.has_effect) for each in own.reports] == [("Bob", True)]
    assert (await backend.users.find("bob")).ban_reason == "Reported: Spam or advertising"
    assert not bob.banned


async def test_two_moderators_do_not_act_on_a_report_at_once(backend: Backend, ana_token: str, bob: User) -> None:
    await report(ana_token)
    pages: list[AdminReports] = []
    for name in ("Mia", "Max"):
        registration = Registration(name, f"{name}@example.com", PASSWORD)
        pages.append(await staff_page(backend, await backend.accounts.register(registration, "192.0.2.1")))
    report_id = pages[0].reports[0].report_id

    answers = await asyncio.gather(
        *(
            run(
                AdminReports.resolve_for.fn(
                    page, {"report_id": report_id, "resolution": resolution, "duration": "7 days"}
                )
            )
            for page, resolution in zip(pages, ("suspended", "dismissed"), strict=True)
        )
    )

    assert sorted("toastError" in answer for answer in answers) == [False, True]
    assert "Somebody else has resolved this report" in "".join(answers)
    assert (await backend.users.find("bob")).banned == ("toastSuccess" in answers[0])
    assert not bob.banned


@pytest.mark.parametrize("who", ["visitor", "user", "suspended"])
async def test_every_handler_refuses_others_than_staff(
    backend: Backend, ana: User, ana_token: str, bob: User, who: str
) -> None:
    await report(ana_token, "?message=m1")
    [filed] = await backend.reports.open_reports(OPERATOR_STAFF)
    token = "" if who == "visitor" else await sign_in(backend, ana)
    if who == "suspended":
        await backend.users.suspend(OPERATOR_STAFF, ana.user_id, "", "no end")
    tab = Tab("http://site.test/admin/reports", token)
    page = await tab.state(AdminReports)

    await AdminReports.open.fn(page)
    await AdminReports.older.fn(page)
    await AdminReports.older_resolved.fn(page)
    form = {"report_id": filed.report_id, "resolution": "suspended", "duration": "7 days"}
    assert "toastError" in await run(AdminReports.resolve_for.fn(page, form))
    for resolution in ("dismissed", "message_deleted", "suspended"):
        assert "toastError" in await run(AdminReports.resolve.fn(page, filed.report_id, resolution))

    assert (page.reports, page.resolved, page.may_administer) == ([], [], False)
    assert "buy now" not in tab.shown()
    assert await backend.reports.open_reports(OPERATOR_STAFF) == [filed]
    assert await backend.users.find("bob") == bob
