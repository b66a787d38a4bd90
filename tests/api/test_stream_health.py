"""What a streamer is told about their stream, and nobody else."""

from pathlib import Path

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason
from streaming_app.backend.media.recordings.policy import gap_message
from streaming_app.backend.media.stream_health_report import UNMEASURED
from streaming_app.backend.packager.packager import Packager, PackagerConfig
from streaming_app.backend.packager.server import serving
from streaming_app.backend.streams.model import Publisher as Encoder
from tests.api.conftest import Browser, error_of
from tests.rig.conditions import until
from tests.rig.media_frames import both
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Clock, Publisher, low


async def test_a_signed_out_user_cannot_read_stream_health(browser: Browser) -> None:
    answer = await browser.client.get("/api/studio/health")

    assert answer.status_code == 401
    assert error_of(answer)["code"] == "not_signed_in"


async def test_stream_health_is_unmeasured_without_a_packager(browser: Browser, ana: User) -> None:
    await browser.sign_in(ana)

    answer = await browser.client.get("/api/studio/health")

    assert answer.json() == {"health": None, "advice": [UNMEASURED]}


async def test_stream_health_reports_parts_that_are_not_recorded(browser: Browser, ana: User, backend: Backend) -> None:
    await browser.sign_in(ana)
    channel = await backend.channels.get_or_create(ana)
    await backend.channels.set_records(ana.user_id, records=True)
    secret = (await backend.channels.stream_key(ana.user_id)).partition("?key=")[2]
    stream = await backend.streams.start(channel.channel_id, secret, Encoder("1", "127.0.0.1", "OBS"))
    await backend.store.recordings.add(
        Recording(
            stream.stream_id, channel.channel_id, "Now", "", stream.started_at, gap_reason=RecordingGapReason.DISK
        )
    )

    told = (await browser.client.get("/api/studio/health")).json()

    assert told["advice"] == [UNMEASURED, gap_message(RecordingGapReason.DISK)]


async def test_an_owner_can_read_the_health_of_their_own_stream(
    browser: Browser, ana: User, backend: Backend, tmp_path: Path
) -> None:
    await browser.sign_in(ana)
    publisher, clock = Publisher(), Clock()
    packager = Packager(PackagerConfig(tmp_path / "ll", 30, 20, 0), publisher.play, low, clock, clock)
    async with serving(packager, backend.settings.packager_port):
        nothing_yet = await browser.client.get("/api/studio/health")
        channel_id = (await backend.channels.get_or_create(ana)).channel_id
        packager.on_publish(channel_id, ignore)
        publisher.send(both(30, gop_seconds=10))
        channel = packager.channel(channel_id)
        assert channel is not None
        await until(lambda: len(channel.window.segments) == 2, "it was cut")

        told = (await browser.client.get("/api/studio/health")).json()
        await packager.close()

    assert nothing_yet.json() == {"health": None, "advice": []}
    assert (told["health"]["video_codec"], told["health"]["width"]) == ("avc1", 640)
    assert "Set the keyframe interval to 2 s: yours is 10 s." in told["advice"]
