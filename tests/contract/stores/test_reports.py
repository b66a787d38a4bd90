"""Reports, with the same behaviour in both stores."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ConflictError, NotFoundError
from streaming_app.backend.reports.model import Report, ReportKind, Resolution
from tests.contract.stores.samples import NOW

LEASE = timedelta(minutes=1)
REPORT = Report(
    report_id="01",
    kind=ReportKind.MESSAGE,
    target_id="m-1",
    channel_id="c-ann",
    subject_id="u-troll",
    subject="Troll",
    quote="buy now",
    reporter_id="u-bob",
    reporter="Bob",
    reason="spam",
    text="again",
    created_at=NOW,
)
OTHERS = replace(REPORT, report_id="02", reporter_id="u-eve", reporter="Eve")
OF_USER = replace(REPORT, report_id="03", kind=ReportKind.USER, target_id="u-troll", quote="")


async def test_a_report_is_read_as_it_was_stored(store: Store) -> None:
    await store.reports.add(REPORT)

    assert await store.reports.get("01") == REPORT
    with pytest.raises(NotFoundError):
        await store.reports.get("02")


async def test_a_viewer_reports_a_target_once(store: Store) -> None:
    await store.reports.add(REPORT)

    with pytest.raises(ConflictError):
        await store.reports.add(replace(REPORT, report_id="09"))
    await store.reports.add(OTHERS)
    await store.reports.add(OF_USER)


async def test_open_reports_are_listed_in_pages_newest_first(store: Store) -> None:
    for report in (REPORT, OTHERS, OF_USER):
        await store.reports.add(report)

    assert await store.reports.open_reports(2) == [OF_USER, OTHERS]
    assert await store.reports.open_reports(2, "02") == [REPORT]


async def test_reports_are_listed_by_their_reporter(store: Store) -> None:
    for report in (REPORT, OTHERS, OF_USER):
        await store.reports.add(report)

    assert await store.reports.list_by_reporter("u-bob", 9) == [OF_USER, REPORT]
    assert await store.reports.list_by_reporter("u-bob", 1) == [OF_USER]


async def test_open_reports_about_a_target_are_found(store: Store) -> None:
    for report in (REPORT, OTHERS, OF_USER):
        await store.reports.add(report)

    found = await store.reports.open_about(ReportKind.MESSAGE, "m-1")
    assert {report.report_id for report in found} == {"01", "02"}
    await store.reports.resolve(ReportKind.MESSAGE, "m-1", Resolution.DISMISSED, "Root", NOW)
    assert await store.reports.open_about(ReportKind.MESSAGE, "m-1") == []


async def test_resolving_resolves_all_reports_about_the_target(store: Store) -> None:
    for report in (REPORT, OTHERS, OF_USER):
        await store.reports.add(report)

    await store.reports.resolve(ReportKind.MESSAGE, "m-1", Resolution.DISMISSED, "Root", NOW)
    await store.reports.resolve(ReportKind.MESSAGE, "m-1", Resolution.SUSPENDED, "Mod", NOW)

    assert await store.reports.open_reports(9) == [OF_USER]
    fields = {"resolution": "dismissed", "resolved_by": "Root", "resolved_at": NOW}
    assert await store.reports.get("01") == replace(REPORT, **fields)
    assert await store.reports.resolved_reports(9) == [replace(OTHERS, **fields), replace(REPORT, **fields)]
    assert await store.reports.resolved_reports(9, "02") == [replace(REPORT, **fields)]


async def test_one_of_several_claims_succeeds_until_the_lease_ends(store: Store) -> None:
    await store.reports.add(REPORT)

    answers = await asyncio.gather(*(store.reports.claim("01", f"mod{n}", NOW, LEASE) for n in range(5)))

    assert sum(answers) == 1
    winner = f"mod{answers.index(True)}"
    assert await store.reports.claim("01", winner, NOW + timedelta(seconds=30), LEASE)
    assert not await store.reports.claim("01", "late", NOW + timedelta(seconds=90), LEASE)
    assert await store.reports.claim("01", "late", NOW + timedelta(seconds=91), LEASE)
    await store.reports.resolve(ReportKind.MESSAGE, "m-1", Resolution.DISMISSED, "late", NOW)
    assert not await store.reports.claim("01", "late", NOW + timedelta(hours=1), LEASE)
