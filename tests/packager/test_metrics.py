"""The metrics of the packager."""

import httpx

from streaming_app.backend.connection_limits import ConnectionLimits
from streaming_app.backend.media.tracks import AudioFrame, VideoFrame
from streaming_app.backend.packager.metrics import sample_packager
from streaming_app.backend.packager.packager import Packager
from tests.rig.conditions import until
from tests.rig.media_frames import both
from tests.rig.metrics import Growth, current
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Clock, Publisher

VIEWERS = ConnectionLimits(10, 10, 10)


async def _publish(packager: Packager, publisher: Publisher, seconds: float = 3) -> None:
    packager.on_publish("c1", ignore)
    publisher.send(both(seconds))
    channel = packager.channel("c1")
    assert channel is not None
    await until(lambda: len(channel.window.segments) >= int(seconds) - 1, "it was cut")


async def test_players_are_measured_by_delivery_and_their_delay_by_channel(
    packager: Packager, publisher: Publisher, client: httpx.AsyncClient
) -> None:
    await _publish(packager, publisher)
    for number, delay_ms in enumerate([200, 300, 400]):
        report = {"player": f"player{number}", "delivery": "realtime", "delay_ms": delay_ms, "stalls": number // 2}
        await client.post("/hls/c1/playback", json=report)

    await sample_packager(packager, VIEWERS)

    samples = current()
    assert samples.get("publishers") == 1
    assert samples.get("players", delivery="realtime") == 3
    assert samples.get("players", delivery="plain") == 0
    assert samples.get("players_stalled", delivery="realtime") == 1
    assert samples.get("player_delay_seconds", channel="c1", delivery="realtime") == 0.3


async def test_a_channel_without_a_publisher_has_no_metrics(
    packager: Packager, publisher: Publisher, client: httpx.AsyncClient
) -> None:
    await _publish(packager, publisher)
    await client.post("/hls/c1/playback", json={"player": "player1", "delivery": "low", "delay_ms": 900, "stalls": 0})
    await sample_packager(packager, VIEWERS)
    assert current().labels("player_delay_seconds")

    packager.reconcile(set())
    await sample_packager(packager, VIEWERS)

    assert current().labels("player_delay_seconds") == []
    assert current().get("publishers") == 0


async def test_parts_and_late_parts_are_counted(packager: Packager, publisher: Publisher, clock: Clock) -> None:
    growth = Growth()
    await _publish(packager, publisher)
    written = growth.of("parts_written_total")
    assert written >= 10
    frames = [media for media in both(3) if isinstance(media, VideoFrame | AudioFrame)]
    assert growth.of("ingest_received_bytes_total") == sum(len(frame.data) for frame in frames)
    assert growth.of("parts_late_total") == 0

    clock.seconds += 1
    publisher.send(both(1, start_ms=3000))
    await until(lambda: growth.of("parts_written_total") > written, "a part was written")

    assert growth.of("parts_late_total") == 1


async def test_a_publisher_that_returns_has_no_late_part(
    packager: Packager, publisher: Publisher, clock: Clock
) -> None:
    growth = Growth()
    await _publish(packager, publisher)
    publisher.leave()
    await until(lambda: len(publisher.played) == 2, "it was looked for again")
    written = growth.of("parts_written_total")

    clock.seconds += 5
    publisher.send(both(1))
    await until(lambda: growth.of("parts_written_total") > written, "a part was written")

    assert growth.of("parts_late_total") == 0
