"""The health of a stream, as the studio shows it."""

import pytest

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.stream_health import IngestHealth, RenditionStats, SecondStats
from streaming_app.backend.media.stream_health_report import UNMEASURED
from streaming_app.state.session import SessionState, refresh_user
from streaming_app.state.studio_health import HealthView, StudioHealth, health_view, plot
from tests.state.conftest import Tab


async def measured(token: str) -> HealthView:
    tab = Tab("http://site.test/studio", token)
    await refresh_user(await tab.state(SessionState))
    health = await tab.state(StudioHealth)
    await StudioHealth.measure.fn(health)
    return health.report


async def test_the_studio_shows_no_measurements_without_a_packager(backend: Backend, ana_token: str) -> None:
    report = await measured(ana_token)

    assert (report.is_asked, report.is_measured) == (True, False)
    assert report.advice == [UNMEASURED]


@pytest.mark.parametrize("token", ["", "forged"])
async def test_a_signed_out_user_sees_no_measurements(backend: Backend, token: str) -> None:
    assert await measured(token) == HealthView()


def test_a_stream_is_described_in_words() -> None:
    health = IngestHealth(
        video_codec="avc1",
        width=1280,
        height=720,
        frames_per_second=30,
        kbps=2500,
        audio_codec="aac",
        sample_rate=44100,
        channels=2,
        renditions=(RenditionStats("source", 3), RenditionStats("480p", 0)),
    )

    facts = {fact.name: fact.value for fact in health_view(health, []).facts}

    assert facts["Video"].startswith("H.264 1280")
    assert facts["Audio"] == "AAC 44.1 kHz, stereo"
    assert facts["Bitrate"] == "2,500 kbit/s"
    assert facts["Frame rate"] == "30 fps"
    assert facts["Offered as"] == "source (3 watching), 480p"


def test_a_short_history_is_at_the_right_of_the_plot() -> None:
    history = (SecondStats(0, 1000, 30), SecondStats(1, 500, 30))

    bitrate = plot("Bitrate", "kbit/s", history, lambda second: second.kbps)

    assert bitrate.line == "M294.9 4.0L300.0 29.0"
    assert bitrate.area == "M294.9 4.0L300.0 29.0L300 56L294.9 56Z"
    assert (bitrate.most, bitrate.since) == ("up to 1,000 kbit/s", "60 s ago")
    assert bitrate.summary == "Bitrate: 500 kbit/s now, at most 1,000 in the last minutes"


def test_a_plot_without_a_history_is_empty() -> None:
    assert plot("Bitrate", "kbit/s", (), lambda second: second.kbps).line == ""
