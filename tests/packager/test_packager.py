"""Which channels the packager plays, and what happens when their publishers leave."""

from dataclasses import replace
from pathlib import Path

import pytest

from streaming_app.backend.media.tracks import Unsupported
from streaming_app.backend.packager.live_channel import LiveChannel
from streaming_app.backend.packager.packager import ENDED_PLAYLIST_SECONDS, Packager
from tests.rig.conditions import until
from tests.rig.media_frames import AUDIO, VIDEO, audio, both, video
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Clock, Publisher


async def _channel(packager: Packager, publisher: Publisher, seconds: float = 3) -> LiveChannel:
    packager.on_publish("c1", ignore)
    publisher.send(both(seconds))
    channel = packager.channel("c1")
    assert channel is not None
    await until(lambda: len(channel.window.segments) >= int(seconds) - 1, "it was cut")
    return channel


async def test_a_publisher_that_is_reported_twice_is_played_once(packager: Packager, publisher: Publisher) -> None:
    await _channel(packager, publisher)

    packager.on_publish("c1", ignore)
    packager.reconcile({"c1"})

    assert publisher.played == ["c1"]


async def test_a_publisher_that_only_nginx_lists_is_played(packager: Packager, publisher: Publisher) -> None:
    packager.reconcile({"c1"})
    publisher.send(both(3))

    channel = packager.channel("c1")
    assert channel is not None
    await until(lambda: len(channel.window.segments) == 2, "it was cut")


async def test_a_returning_publisher_continues_the_window(packager: Packager, publisher: Publisher) -> None:
    channel = await _channel(packager, publisher)
    publisher.leave()
    await until(lambda: channel.window.open_segment is None, "it had left")
    number = channel.window.newest[0]
    await until(lambda: len(publisher.played) == 2, "it was looked for again")

    publisher.send(both(3))

    await until(lambda: channel.window.newest[0] > number + 1, "it was cut again")
    assert packager.channel("c1") is channel
    assert [segment.is_discontinuity for segment in channel.window.listed()].count(True) == 1


async def test_repeated_disconnections_are_in_the_health_report(packager: Packager, publisher: Publisher) -> None:
    channel = await _channel(packager, publisher)
    for number in range(2, 5):
        publisher.leave()
        await until(lambda number=number: len(publisher.played) == number, "it was looked for again")
        publisher.send(both(3))
        await until(lambda: channel.window.open_segment is not None, "it was cut again")

    assert channel.health().disconnects == 3


async def test_the_playlist_ends_after_the_grace_period_and_is_deleted_later(
    packager: Packager, publisher: Publisher, clock: Clock, tmp_path: Path
) -> None:
    channel = await _channel(packager, publisher)
    publisher.leave()
    await until(lambda: channel.window.open_segment is None, "it had left")

    packager.reconcile(set())
    clock.seconds += 19
    packager.reconcile(set())
    assert not channel.window.has_ended
    clock.seconds += 2
    packager.reconcile(set())
    assert channel.window.has_ended
    assert packager.channel("c1") is channel
    clock.seconds += ENDED_PLAYLIST_SECONDS
    packager.reconcile(set())

    assert packager.channel("c1") is None
    assert not (tmp_path / "ll" / "c1").exists()


async def test_a_new_stream_after_the_end_has_a_new_window_with_higher_numbers(
    packager: Packager, publisher: Publisher, clock: Clock
) -> None:
    old = await _channel(packager, publisher)
    publisher.leave()
    await until(lambda: old.window.open_segment is None, "it had left")
    clock.seconds += 21
    packager.reconcile(set())

    new = await _channel(packager, publisher)

    assert new is not old
    assert new.window.segments[0].number > old.window.segments[-1].number


async def test_requests_for_an_ended_window_do_not_wait_for_the_next_publisher(
    packager: Packager, publisher: Publisher, clock: Clock
) -> None:
    old = await _channel(packager, publisher)
    publisher.leave()
    await until(lambda: len(publisher.played) == 2, "it was looked for again")
    clock.seconds += 21
    packager.reconcile(set())

    new = await _channel(packager, publisher)

    assert old.window.has_ended
    assert new.window.segments[0].number > old.window.segments[-1].number


@pytest.mark.parametrize("channel_id", ["", "..", "a/b", "a b", "x" * 65, "ä"])
async def test_a_name_that_is_not_a_channel_id_is_ignored(packager: Packager, channel_id: str) -> None:
    packager.on_publish(channel_id, ignore)

    assert packager.channel(channel_id) is None


async def test_closing_deletes_every_file(packager: Packager, publisher: Publisher, tmp_path: Path) -> None:
    await _channel(packager, publisher)

    await packager.close()

    assert list((tmp_path / "ll").iterdir()) == []


async def test_a_full_disk_is_in_the_health_report_until_there_is_space(
    packager: Packager, publisher: Publisher, tmp_path: Path
) -> None:
    packager.on_publish("c1", ignore)
    channel = packager.channel("c1")
    assert channel is not None
    folder = tmp_path / "ll" / "c1" / "source"
    folder.parent.mkdir(parents=True)
    folder.touch()

    start, later = both(6), both(9)[len(both(6)) :]
    publisher.send(start)
    await until(lambda: channel.issue != "", "the trouble was noticed")
    folder.unlink()
    folder.mkdir()
    publisher.send(later)

    await until(lambda: len(channel.window.segments) > 1, "it was cut")
    assert channel.issue == ""
    assert publisher.played == ["c1"], "the packager stays connected"


async def test_unsupported_audio_stays_reported_while_video_is_cut(packager: Packager, publisher: Publisher) -> None:
    channel = await _channel(packager, publisher)
    mp3 = Unsupported("The encoder sends MP3 audio: set the audio codec to AAC.", "audio")

    publisher.send([mp3, *video(3, start_ms=3000)])

    await until(lambda: len(channel.window.segments) > 3, "it was cut on")
    assert channel.health().unsupported == (mp3,)
    assert channel.health().audio_codec == ""
    publisher.send([AUDIO])
    await until(lambda: channel.health().unsupported == (), "the sound was usable")


async def test_audio_with_an_offset_is_aligned_and_reported(packager: Packager, publisher: Publisher) -> None:
    packager.on_publish("c1", ignore)
    channel = packager.channel("c1")
    assert channel is not None
    sound = [replace(frame, dts_ms=frame.dts_ms + 20_000) for frame in audio(4)]
    for picture in video(4):
        late = [frame for frame in sound if 0 <= frame.dts_ms - 20_000 - picture.dts_ms < 34]
        publisher.send([*([VIDEO, AUDIO] if not picture.dts_ms else []), picture, *late])

    await until(lambda: len(channel.window.segments) > 2, "it was cut")

    assert channel.health().audio_ahead_seconds == 20
    assert packager.health("c1") == channel.health()
