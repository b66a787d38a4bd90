"""The state of stream health in the studio: measurements of the media that the user's encoder sends."""

from collections.abc import Callable
from dataclasses import dataclass, field

import reflex as rx

from streaming_app.backend.errors import NotSignedInError
from streaming_app.backend.media.playback_reports import DeliveryMode, DeliveryStats, PlaybackStats
from streaming_app.backend.media.stream_health import IngestHealth, SecondStats
from streaming_app.backend.media.stream_health_report import health_report
from streaming_app.state import services
from streaming_app.state.session import SessionState, acting_user

PLOT_WIDTH, PLOT_HEIGHT = 300, 56
"""Size of the SVG view box of a plot."""
PLOT_SECONDS_MIN = 60
"""Minimum number of seconds that a plot covers. A shorter history does not fill the plot."""

_NONE = "–"  # noqa: RUF001
_DELIVERIES = {DeliveryMode.REALTIME: "Real time", DeliveryMode.LOW: "Low latency", DeliveryMode.PLAIN: "Standard"}
_CODECS = {"avc1": "H.264", "hvc1": "HEVC", "av01": "AV1", "aac": "AAC"}
_CHANNELS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True)
class FactView:
    """A property of the stream and its value."""

    name: str = ""
    value: str = ""


@dataclass(frozen=True)
class PlotView:
    """A measurement of the last minutes."""

    name: str = ""
    line: str = ""
    """An SVG path; the newest second is at the right edge."""
    area: str = ""
    """The same path, closed along the bottom."""
    most: str = ""
    since: str = ""
    """The age of the left edge, such as ``60 s ago``."""
    summary: str = ""
    """The plot in words."""


@dataclass(frozen=True)
class DeliveryView:
    """The viewers with one kind of delivery."""

    name: str = ""
    viewers: int = 0
    delay: str = ""
    """Median delay; a dash without viewers."""
    stalled: int = 0
    """Number of viewers whose playback stalled within about 20 s."""


@dataclass(frozen=True)
class HealthView:
    """The health of the stream."""

    is_asked: bool = False
    """Whether the packager was asked at least once. Otherwise the other fields are unknown."""
    is_measured: bool = False
    advice: list[str] = field(default_factory=list[str])
    facts: list[FactView] = field(default_factory=list[FactView])
    plots: list[PlotView] = field(default_factory=list[PlotView])
    viewer_delay: str = ""
    """Median delay of all viewers; empty if no player has reported."""
    deliveries: list[DeliveryView] = field(default_factory=list[DeliveryView])


class StudioHealth(SessionState):
    """The health of the user's stream, which the studio measures while it is open."""

    report: HealthView = HealthView()

    @rx.event
    async def measure(self) -> None:
        """Load the current health of the stream. The report is empty for signed-out users."""
        try:
            user = await acting_user(self)
        except NotSignedInError:
            self.report = HealthView()
            return
        backend = services.current()
        channel = await backend.channels.get_or_create(user)
        health, advice = await health_report(backend.packager, backend.recordings, channel)
        self.report = health_view(health, advice)


def health_view(health: IngestHealth | None, advice: list[str]) -> HealthView:
    """Return the view of the measurements; ``health`` is ``None`` if the packager has none."""
    if health is None:
        return HealthView(is_asked=True, advice=advice)
    plots = [
        plot("Bitrate", "kbit/s", health.history, lambda second: second.kbps),
        plot("Frames", "per second", health.history, lambda second: second.frames),
    ]
    return HealthView(
        is_asked=True,
        is_measured=True,
        advice=advice,
        facts=_facts(health),
        plots=plots,
        viewer_delay=_delay(health.playback.delay_ms) if health.playback else "",
        deliveries=_deliveries(health.playback) if health.playback else [],
    )


def plot(name: str, unit: str, history: tuple[SecondStats, ...], value: Callable[[SecondStats], int]) -> PlotView:
    """Return the plot of a value that was measured every second."""
    values = [value(second) for second in history]
    span = max(PLOT_SECONDS_MIN, len(values))
    most = max([1, *values])
    first = PLOT_WIDTH - (len(values) - 1) * PLOT_WIDTH / (span - 1)
    points = [
        f"{first + index * PLOT_WIDTH / (span - 1):.1f} {PLOT_HEIGHT - 2 - number / most * (PLOT_HEIGHT - 6):.1f}"
        for index, number in enumerate(values)
    ]
    line = f"M{'L'.join(points)}" if values else ""
    now = f"{values[-1]:,} {unit} now, at most {most:,} in the last minutes" if values else "nothing yet"
    return PlotView(
        name=name,
        line=line,
        area=f"{line}L{PLOT_WIDTH} {PLOT_HEIGHT}L{first:.1f} {PLOT_HEIGHT}Z" if values else "",
        most=f"up to {most:,} {unit}",
        since=f"{span} s ago" if span < 2 * PLOT_SECONDS_MIN else f"{round(span / 60)} min ago",
        summary=f"{name}: {now}",
    )


def _facts(health: IngestHealth) -> list[FactView]:
    video = f"{_CODECS[health.video_codec]} {health.width} × {health.height}" if health.video_codec else "None"  # noqa: RUF001
    channels = _CHANNELS.get(health.channels, f"{health.channels} channels")
    sound = f"{health.sample_rate / 1000:g} kHz, {channels}"
    audio = f"{_CODECS[health.audio_codec]} {sound}" if health.audio_codec else "None"
    renditions = [
        f"{stats.rendition} ({stats.viewers} watching)" if stats.viewers else stats.rendition
        for stats in health.renditions
    ]
    return [
        FactView("Video", video),
        FactView("Audio", audio),
        FactView("Bitrate", f"{health.kbps:,} kbit/s"),
        FactView("Frame rate", f"{health.frames_per_second:g} fps"),
        FactView("Keyframe", f"every {health.key_interval_seconds:g} s" if health.key_interval_seconds else _NONE),
        FactView("Offered as", ", ".join(renditions)),
    ]


def _deliveries(playback: PlaybackStats) -> list[DeliveryView]:
    """Return a row for each kind of delivery, also for those without viewers."""
    known = {stats.delivery: stats for stats in playback.deliveries}
    return [_delivery(name, known.get(delivery)) for delivery, name in _DELIVERIES.items()]


def _delivery(name: str, stats: DeliveryStats | None) -> DeliveryView:
    if stats is None:
        return DeliveryView(name, 0, _NONE, 0)
    return DeliveryView(name, stats.viewers, _delay(stats.delay_ms), stats.stalled)


def _delay(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
