"""What the reports of players say about a stream."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from streaming_app.backend.media import playback_reports
from streaming_app.backend.media.playback_reports import (
    EXPIRY_SECONDS,
    DeliveryMode,
    DeliveryStats,
    PlaybackReport,
    PlaybackReports,
    PlaybackStats,
)
from tests.rig.scripted_publisher import Clock

REPORT = PlaybackReport("player0", DeliveryMode.LOW, 700, 0)


def _stats(reports: PlaybackReports) -> PlaybackStats:
    stats = reports.stats()
    assert stats is not None
    return stats


def test_viewers_are_counted_by_delivery_with_their_median_delay() -> None:
    reports = PlaybackReports(Clock())
    for number, delay_ms in enumerate([80, 90, 2_000]):
        reports.add(PlaybackReport(f"realtime{number}", DeliveryMode.REALTIME, delay_ms, stalls=number))
    reports.add(REPORT)
    reports.add(PlaybackReport("player1", DeliveryMode.PLAIN, 4_000, 0))

    assert _stats(reports) == PlaybackStats(
        delay_ms=700,
        deliveries=(
            DeliveryStats(DeliveryMode.REALTIME, viewers=3, delay_ms=90, stalled=2),
            DeliveryStats(DeliveryMode.LOW, viewers=1, delay_ms=700, stalled=0),
            DeliveryStats(DeliveryMode.PLAIN, viewers=1, delay_ms=4_000, stalled=0),
        ),
    )


def test_a_player_counts_once_with_its_newest_report() -> None:
    reports = PlaybackReports(Clock())
    reports.add(replace(REPORT, delivery=DeliveryMode.PLAIN))
    reports.add(REPORT)

    assert _stats(reports).deliveries == (DeliveryStats(DeliveryMode.LOW, 1, 700, 0),)


def test_a_player_that_no_longer_reports_is_not_counted() -> None:
    clock = Clock()
    reports = PlaybackReports(clock)
    for player in ("player0", "player1"):
        reports.add(replace(REPORT, player=player))
    clock.seconds += EXPIRY_SECONDS - 1
    reports.add(REPORT)

    clock.seconds += 1

    assert _stats(reports).deliveries[0].viewers == 1
    clock.seconds += EXPIRY_SECONDS
    assert reports.stats() is None


def test_forged_players_take_a_bounded_amount_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playback_reports, "PLAYERS_MAX", 3)
    reports = PlaybackReports(Clock())
    for number in range(10):
        reports.add(replace(REPORT, player=f"player{number}"))
    reports.add(replace(REPORT, delay_ms=100))

    assert _stats(reports).deliveries[0].viewers == 3
    assert _stats(reports).delay_ms == 700


@pytest.mark.parametrize(
    "change",
    [
        {"player": "short"},
        {"player": "x" * 21},
        {"player": "../../etc"},
        {"delivery": "carrier pigeon"},
        {"delay_ms": -1},
        {"delay_ms": 600_001},
        {"delay_ms": "NaN"},
        {"stalls": -1},
        {"stalls": 1_001},
    ],
)
def test_a_report_with_an_impossible_value_is_invalid(change: dict[str, object]) -> None:
    kind = TypeAdapter(PlaybackReport)

    with pytest.raises(ValidationError):
        kind.validate_python(kind.dump_python(REPORT) | change)
