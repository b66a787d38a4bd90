"""What players report about a live stream: how they receive it, their delay, and whether playback stalled."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low
from typing import Annotated

from pydantic import Field, StringConstraints

EXPIRY_SECONDS = 50.0
"""A player that does not report within this time counts as closed. Players report every 25 s or more often."""
PLAYERS_MAX = 10_000
"""Maximum number of players of a channel that are counted. Forged reports can take no more memory."""


class DeliveryMode(StrEnum):
    """How a player receives a live stream."""

    REALTIME = "realtime"
    LOW = "low"
    """Low-latency HLS."""
    PLAIN = "plain"
    """HLS with whole segments."""


@dataclass(frozen=True, slots=True)
class PlaybackReport:
    """The state of one player. Anybody can send it, so it may be false."""

    player: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{6,20}$")]
    """Random id that a page chooses for its player, so that the player counts once. It is not stored."""
    delivery: DeliveryMode
    delay_ms: Annotated[int, Field(ge=0, le=600_000)]
    """How far the picture is behind what has arrived at the site."""
    stalls: Annotated[int, Field(ge=0, le=1_000)]
    """Number of stalls since the player's last report."""


@dataclass(frozen=True, slots=True)
class DeliveryStats:
    """The players with one kind of delivery."""

    delivery: DeliveryMode
    viewers: int
    delay_ms: int
    """Median delay."""
    stalled: int
    """Number of players that stalled since their report before the newest one: within about 20 s."""


@dataclass(frozen=True, slots=True)
class PlaybackStats:
    """The players of one channel."""

    delay_ms: int
    """Median delay of all players."""
    deliveries: tuple[DeliveryStats, ...]
    """The kinds of delivery that have players, the fastest first."""


class PlaybackReports:
    """The newest report of each player of one channel. ``clock`` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._reports: dict[str, tuple[PlaybackReport, float]] = {}
        """By player, with the time of arrival, oldest first."""

    def add(self, report: PlaybackReport) -> None:
        """Replace the player's last report. A new player is ignored if there are too many."""
        self._expire()
        self._reports.pop(report.player, None)
        if len(self._reports) < PLAYERS_MAX:
            self._reports[report.player] = (report, self._clock())

    def stats(self) -> PlaybackStats | None:
        """Summarize the reports; ``None`` if there are none."""
        self._expire()
        reports = [report for report, _ in self._reports.values()]
        if not reports:
            return None
        kinds = {kind: [report for report in reports if report.delivery is kind] for kind in DeliveryMode}
        deliveries = [_summarize(kind, alike) for kind, alike in kinds.items() if alike]
        return PlaybackStats(_median_delay(reports), tuple(deliveries))

    def _expire(self) -> None:
        expired = self._clock() - EXPIRY_SECONDS
        while self._reports:
            oldest = next(iter(self._reports))
            if self._reports[oldest][1] > expired:
                break
            del self._reports[oldest]


def _summarize(delivery: DeliveryMode, reports: list[PlaybackReport]) -> DeliveryStats:
    stalled = sum(report.stalls > 0 for report in reports)
    return DeliveryStats(delivery, len(reports), _median_delay(reports), stalled)


def _median_delay(reports: list[PlaybackReport]) -> int:
    return median_low(report.delay_ms for report in reports)
