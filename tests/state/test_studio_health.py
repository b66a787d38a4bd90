"""Stream health in the studio."""

from pathlib import Path

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.playback_reports import DeliveryMode, DeliveryStats, PlaybackStats
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason
from streaming_app.backend.media.recordings.policy import gap_message
from streaming_app.backend.media.stream_health import IngestHealth, RenditionStats, SecondStats
from streaming_app.backend.media.stream_health_report import UNMEASURED
from streaming_app.backend.packager.packager import Packager, PackagerConfig
from streaming_app.backend.packager.server import serving
from streaming_app.backend.streams.model import Publisher as Encoder
from streaming_app.state.session import SessionState, refresh_user
from streaming_app.state.studio_health import DeliveryView, HealthView, StudioHealth, health_view, plot
from tests.rig.conditions import until
from tests.rig.media_frames import AUDIO, VIDEO, both, video
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Clock, Publisher
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


async def test_stream_health_reports_parts_that_are_not_recorded(backend: Backend, ana: User, ana_token: str) -> None:
    channel = await backend.channels.get_or_create(ana)
    await backend.channels.set_records(ana.user_id, records=True)
    secret = (await backend.channels.stream_key(ana.user_id)).partition("?key=")[2]
    stream = await backend.streams.start(channel.channel_id, secret, Encoder("1", "127.0.0.1", "OBS"))
    await backend.store.recordings.add(
        Recording(
            stream.stream_id, channel.channel_id, "Now", "", stream.started_at, gap_reason=RecordingGapReason.DISK
        )
    )

    report = await measured(ana_token)

    assert report.advice == [UNMEASURED, gap_message(RecordingGapReason.DISK)]


async def test_an_owner_sees_the_health_of_their_own_stream(
    backend: Backend, ana: User, ana_token: str, tmp_path: Path
) -> None:
    publisher, clock = Publisher(), Clock()
    packager = Packager(PackagerConfig(tmp_path / "ll", 30, 20, 0), publisher.play, clock, clock)
    async with serving(packager, backend.settings.packager_port):
        nothing_yet = await measured(ana_token)
        channel_id = (await backend.channels.get_or_create(ana)).channel_id
        packager.on_publish(channel_id, ignore)
        publisher.send(both(30, gop_seconds=10))
        channel = packager.channel(channel_id)
        assert channel is not None
        await until(lambda: len(channel.window.segments) == 2, "it was cut")

        report = await measured(ana_token)
        await packager.close()

    assert nothing_yet == HealthView(is_asked=True)
    assert report.is_measured
    assert report.facts[0].value.startswith("H.264 640")
    assert any(words.startswith("Set the keyframe interval to 2 s: yours is 10 s,") for words in report.advice)


async def test_advice_about_the_delay_is_for_channels_with_a_short_delay(
    backend: Backend, ana: User, ana_token: str, tmp_path: Path
) -> None:
    publisher, clock = Publisher(), Clock()
    packager = Packager(PackagerConfig(tmp_path / "ll", 30, 20, 0), publisher.play, clock, clock)
    async with serving(packager, backend.settings.packager_port):
        channel_id = (await backend.channels.get_or_create(ana)).channel_id
        packager.on_publish(channel_id, ignore)
        publisher.send([VIDEO, AUDIO, *video(5, cts_ms=66)])
        channel = packager.channel(channel_id)
        assert channel is not None
        await until(lambda: len(channel.window.segments) == 4, "it was cut")

        with_low_delay = await measured(ana_token)
        await backend.channels.set_latency(ana.user_id, "normal")
        with_normal_delay = await measured(ana_token)
        await packager.close()

    assert with_low_delay.advice[-1].startswith("B-frames delay the picture by 0.07 s.")
    assert with_normal_delay.advice == with_low_delay.advice[:-1]


def test_a_stream_without_video_and_audio_has_measurements() -> None:
    facts = {fact.name: fact.value for fact in health_view(IngestHealth(), []).facts}

    assert (facts["Video"], facts["Audio"]) == ("None", "None")


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


def test_viewers_are_shown_by_delivery_with_their_delay() -> None:
    low = DeliveryStats(DeliveryMode.LOW, viewers=12, delay_ms=660, stalled=1)
    plain = DeliveryStats(DeliveryMode.PLAIN, viewers=3, delay_ms=4_040, stalled=0)

    view = health_view(IngestHealth(playback=PlaybackStats(1_000, (low, plain))), [])

    assert view.viewer_delay == "1.0 s"
    assert view.deliveries == [
        DeliveryView("Real time", 0, "–", 0),  # noqa: RUF001
        DeliveryView("Low latency", 12, "0.66 s", 1),
        DeliveryView("Standard", 3, "4.0 s", 0),
    ]


def test_there_is_no_delay_before_a_player_has_reported() -> None:
    view = health_view(IngestHealth(), [])

    assert (view.viewer_delay, view.deliveries) == ("", [])


def test_a_short_history_is_at_the_right_of_the_plot() -> None:
    history = (SecondStats(0, 1000, 30), SecondStats(1, 500, 30))

    bitrate = plot("Bitrate", "kbit/s", history, lambda second: second.kbps)

    assert bitrate.line == "M294.9 4.0L300.0 29.0"
    assert bitrate.area == "M294.9 4.0L300.0 29.0L300 56L294.9 56Z"
    assert (bitrate.most, bitrate.since) == ("up to 1,000 kbit/s", "60 s ago")
    assert bitrate.summary == "Bitrate: 500 kbit/s now, at most 1,000 in the last minutes"


def test_a_plot_without_a_history_is_empty() -> None:
    assert plot("Bitrate", "kbit/s", (), lambda second: second.kbps).line == ""
