"""What becomes a recording, and that it is whole whatever happened to the recorder."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.media.recordings import hls
from streaming_app.backend.media.recordings.folder import INDEX
from streaming_app.backend.media.recordings.model import Recording, Shortage
from streaming_app.backend.media.recordings.recorder import STEADY
from tests.unit.recordings.conftest import ANN, NOON, PLENTY, Desk, made_at


async def test_a_stream_of_a_channel_that_records_becomes_a_recording(desk: Desk) -> None:
    stream, live = await desk.publish()
    await desk.pass_seconds(1)
    live.cut(2)
    await desk.pass_seconds(4)
    live.cut(1)
    await desk.leave()
    await desk.pass_seconds(1)

    recording = await desk.only()
    assert (recording.recording_id, recording.title) == (stream.stream_id, "Ann's stream")
    assert (recording.started_at, recording.ended_at) == (NOON, NOON + timedelta(seconds=6))
    assert recording.seconds == 6.0
    assert recording.size > 0
    assert desk.listed(stream.stream_id) == [live.number - 3, live.number - 2, live.number - 1]
    assert (desk.folder / "recordings" / stream.stream_id / INDEX).read_text().endswith(hls.END)


async def test_a_stream_of_a_channel_that_does_not_record_is_left_alone(desk: Desk) -> None:
    await desk.channels.set_records(ANN.user_id, records=False)
    _, live = await desk.publish()
    live.cut(3)

    await desk.pass_seconds(6)

    assert await desk.store.recordings.unfinished() == []
    assert desk.kept() == set()


async def test_a_recording_grows_while_the_stream_runs(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut()
    await desk.pass_seconds(2)
    assert (await desk.only()).seconds == 2.0

    live.cut()
    await desk.channels.set_title_and_category(ANN.user_id, "Now with soup", "Food")
    await desk.pass_seconds(2)

    recording = await desk.only()
    assert (recording.seconds, recording.title, recording.category) == (4.0, "Now with soup", "Food")
    assert recording.ended_at is None
    assert desk.listed(stream.stream_id) == [live.number - 2, live.number - 1]


async def test_a_stream_that_ends_is_waited_for_until_its_last_segment_is_complete(desk: Desk) -> None:
    _, live = await desk.publish()
    live.cut()
    await desk.pass_seconds(2)
    await desk.streams.end(ANN.user_id)
    await desk.pass_seconds(1)
    assert (await desk.only()).ended_at is None

    live.cut()
    live.is_open = False
    await desk.pass_seconds(1)

    recording = await desk.only()
    assert recording.seconds == 4.0
    assert recording.ended_at is not None


async def test_a_publisher_that_comes_back_goes_on_with_the_same_recording(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)
    live.is_open = False
    await desk.streams.publisher_gone(desk.channel.channel_id, "1")
    await desk.pass_seconds(10)
    assert (await desk.only()).ended_at is None

    live.at = desk.now
    again, _ = await desk.publish()
    live.cut(1)
    await desk.pass_seconds(2)

    assert again.stream_id == stream.stream_id
    assert desk.listed(stream.stream_id) == [live.number - 3, live.number - 2, live.number - 1]
    text = (desk.folder / "recordings" / stream.stream_id / INDEX).read_text()
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert text.count("#EXT-X-MAP") == 2


async def test_a_recorder_that_was_killed_goes_on_without_doubles_or_gaps(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)

    live.cut(20)
    desk.now += timedelta(seconds=40)
    desk.restart(PLENTY)
    await desk.pass_seconds(1)

    assert desk.listed(stream.stream_id) == list(range(live.number - 22, live.number))
    assert (await desk.only()).seconds == 44.0
    assert "DISCONTINUITY" not in (desk.folder / "recordings" / stream.stream_id / INDEX).read_text()


async def test_a_recorder_that_was_away_for_longer_than_the_window_has_a_gap_and_goes_on(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.window = 3
    live.cut(2)
    await desk.pass_seconds(4)

    live.cut(10)
    desk.restart(PLENTY)
    await desk.pass_seconds(20)

    first = live.number - 12
    assert desk.listed(stream.stream_id) == [first, first + 1, *range(first + 9, first + 12)]
    assert (desk.folder / "recordings" / stream.stream_id / INDEX).read_text().count("#EXT-X-DISCONTINUITY") == 1


async def test_a_stream_that_ended_while_the_recorder_was_dead_is_finished(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)

    live.cut(3)
    await desk.leave()
    desk.restart(PLENTY)
    await desk.pass_seconds(10)

    recording = await desk.only()
    assert recording.ended_at is not None
    assert recording.seconds == 10.0
    assert len(desk.listed(stream.stream_id)) == 5


async def test_what_the_packager_has_forgotten_is_finished_with_what_there_is(desk: Desk) -> None:
    _, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)
    await desk.leave()
    desk.packager.channels.clear()
    desk.restart(PLENTY)

    await desk.pass_seconds(3600)

    assert ((await desk.only()).seconds, (await desk.only()).ended_at) == (4.0, desk.now)


async def test_a_packager_that_does_not_answer_is_waited_for_but_not_for_ever(desk: Desk) -> None:
    _, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)
    live.cut(1)
    await desk.leave()
    desk.packager.is_up = False

    await desk.pass_seconds(30)
    assert (await desk.only()).ended_at is None

    await desk.pass_seconds(60)
    assert ((await desk.only()).seconds, (await desk.only()).ended_at) == (4.0, desk.now)


async def test_two_streams_in_one_window_become_two_recordings(desk: Desk) -> None:
    first, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)
    live.is_open = False
    await desk.streams.end(ANN.user_id)
    desk.ingest.connected.clear()
    desk.now += timedelta(seconds=30)

    live.at = desk.now
    second, _ = await desk.publish()
    live.cut(3)
    await desk.pass_seconds(6)

    assert first.stream_id != second.stream_id
    assert desk.listed(first.stream_id) == [live.number - 5, live.number - 4]
    assert desk.listed(second.stream_id) == [live.number - 3, live.number - 2, live.number - 1]
    assert (await desk.store.recordings.get(first.stream_id)).ended_at is not None
    assert (await desk.store.recordings.get(second.stream_id)).ended_at is None


async def test_switching_recording_off_finishes_the_recording_of_a_running_stream(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)

    await desk.channels.set_records(ANN.user_id, records=False)
    await desk.pass_seconds(1)
    live.cut(2)
    await desk.pass_seconds(4)
    await desk.channels.set_records(ANN.user_id, records=True)
    await desk.pass_seconds(1)

    assert (await desk.only()).ended_at is not None
    assert len(desk.listed(stream.stream_id)) == 2


async def test_a_stream_without_video_leaves_no_recording(desk: Desk) -> None:
    await desk.publish()
    await desk.pass_seconds(1)
    await desk.leave()

    await desk.pass_seconds(1)
    await desk.pass_seconds(10)

    assert await desk.store.recordings.of_channel(desk.channel.channel_id, 10) == []
    assert desk.kept() == set()


async def test_the_picture_is_that_of_the_stream(desk: Desk) -> None:
    picture = desk.folders.picture(desk.channel.channel_id)
    picture.parent.mkdir()
    picture.write_bytes(b"of the stream before")
    made_at(picture, NOON - timedelta(minutes=1))
    stream, live = await desk.publish()
    poster = desk.folder / "recordings" / stream.stream_id / "poster.jpg"
    live.cut()
    await desk.pass_seconds(2)
    assert not poster.exists()

    for number, text in enumerate([b"first", b"second", b"third"]):
        picture.write_bytes(text)
        made_at(picture, NOON + timedelta(seconds=60 + number))
        live.cut(16)
        await desk.pass_seconds(32)

    assert poster.read_bytes() == b"second", "the first one, and the one behind the first minute"


async def test_a_disk_that_is_too_full_is_not_filled_further_and_it_is_said(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.restart(replace(PLENTY, reserve=1 << 62))
    stream, live = await desk.publish()
    live.cut(2)

    with caplog.at_level(logging.WARNING):
        await desk.pass_seconds(4)
        await desk.pass_seconds(1)

    recording = await desk.only()
    assert (recording.shortage, recording.seconds) == (Shortage.DISK, 0.0)
    assert [record.getMessage() for record in caplog.records] == [
        f"Channel {desk.channel.channel_id} is not recorded now: the disk is fuller than RECORDING_RESERVE allows"
    ]
    desk.restart(PLENTY)
    await desk.pass_seconds(1)
    assert len(desk.listed(stream.stream_id)) == 2
    assert (await desk.only()).shortage is Shortage.DISK


async def test_the_oldest_recordings_go_when_the_quota_is_full(desk: Desk) -> None:
    ids: list[str] = []
    size = 0
    for _ in range(3):
        stream, live = await desk.publish()
        ids.append(stream.stream_id)
        live.cut(2)
        await desk.pass_seconds(4)
        await desk.leave()
        await desk.pass_seconds(10)
        size = (await desk.store.recordings.get(stream.stream_id)).size

    desk.restart(replace(PLENTY, quota=3 * size))
    _, live = await desk.publish()
    live.cut(1)
    await desk.pass_seconds(2)
    await desk.pass_seconds(10)

    kept = [r.recording_id for r in await desk.store.recordings.of_channel(desk.channel.channel_id, 10)]
    assert kept[1:] == [ids[2], ids[1]]
    assert desk.kept() == set(kept)


async def test_a_recording_that_fills_the_quota_by_itself_stops_there(desk: Desk) -> None:
    desk.restart(replace(PLENTY, quota=100))
    stream, live = await desk.publish()
    live.cut(1)
    await desk.pass_seconds(2)

    live.cut(1)
    await desk.pass_seconds(2)

    assert len(desk.listed(stream.stream_id)) == 1
    assert (await desk.only()).shortage is Shortage.QUOTA


async def test_what_has_been_kept_long_enough_goes(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut()
    await desk.pass_seconds(2)
    await desk.leave()
    await desk.pass_seconds(1)

    await desk.pass_seconds(PLENTY.retention.total_seconds() - 60)
    assert desk.kept() == {stream.stream_id}

    await desk.pass_seconds(61)
    assert await desk.store.recordings.of_channel(desk.channel.channel_id, 10) == []
    assert desk.kept() == set()


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-400)])
async def test_a_recording_goes_on_when_the_wall_clock_is_set(desk: Desk, by: timedelta) -> None:
    stream, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)

    desk.set_clock(by)
    for _ in range(5):
        live.cut(1)
        await desk.pass_seconds(2)
    desk.set_clock(-by)
    live.cut(1)
    await desk.pass_seconds(2)

    assert desk.listed(stream.stream_id) == list(range(live.number - 8, live.number))
    assert (await desk.only()).seconds == 16.0


async def test_a_stream_after_the_clock_was_set_back_takes_nothing_of_the_one_before(desk: Desk) -> None:
    first, live = await desk.publish()
    live.cut(3)
    await desk.pass_seconds(6)
    live.is_open = False
    await desk.streams.publisher_gone(desk.channel.channel_id, "1")
    desk.ingest.connected.clear()
    await desk.pass_seconds(40)
    await desk.streams.reap()
    await desk.pass_seconds(1)

    desk.set_clock(timedelta(hours=-1))
    desk.now += timedelta(seconds=30)
    live.at = desk.now
    second, _ = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)

    assert desk.listed(first.stream_id) == [live.number - 5, live.number - 4, live.number - 3]
    assert desk.listed(second.stream_id) == [live.number - 2, live.number - 1]


async def test_a_clock_that_is_wrong_for_a_moment_removes_nothing(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut()
    await desk.pass_seconds(2)
    await desk.leave()
    await desk.pass_seconds(2 * STEADY.total_seconds())

    desk.set_clock(timedelta(days=40))
    for _ in range(3):
        await desk.pass_seconds(10)
    desk.restart(PLENTY)
    await desk.pass_seconds(10)
    desk.set_clock(timedelta(days=-40))
    await desk.pass_seconds(10)
    await desk.pass_seconds(2 * STEADY.total_seconds())

    assert desk.kept() == {stream.stream_id}


async def test_when_the_clock_has_been_steady_for_a_while_retention_goes_on(desk: Desk) -> None:
    _, live = await desk.publish()
    live.cut()
    await desk.pass_seconds(2)
    await desk.leave()
    await desk.pass_seconds(1)

    desk.set_clock(timedelta(days=40))
    await desk.pass_seconds(10)
    await desk.pass_seconds(STEADY.total_seconds())

    assert desk.kept() == set()


async def test_a_packager_that_is_mute_is_waited_for_by_the_monotonic_clock(desk: Desk) -> None:
    _, live = await desk.publish()
    live.cut(2)
    await desk.pass_seconds(4)
    await desk.leave()
    desk.packager.is_up = False
    await desk.pass_seconds(1)

    desk.set_clock(timedelta(days=1))
    await desk.pass_seconds(1)
    assert (await desk.only()).ended_at is None
    desk.packager.is_up = True
    live.cut(1)
    await desk.pass_seconds(1)

    assert ((await desk.only()).seconds, (await desk.only()).ended_at) == (6.0, desk.now)


async def test_what_the_encoder_had_saved_up_before_the_stream_is_recorded(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.at = desk.now - timedelta(seconds=10)
    live.cut(5)
    await desk.pass_seconds(2)
    live.cut(1)
    await desk.pass_seconds(2)

    assert desk.listed(stream.stream_id) == list(range(live.number - 6, live.number))


async def test_files_of_what_was_deleted_go_too(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut()
    await desk.pass_seconds(2)
    await desk.leave()
    await desk.pass_seconds(1)

    await desk.recordings.delete(ANN.user_id, stream.stream_id)
    desk.restart(PLENTY)
    await desk.pass_seconds(1)

    assert desk.kept() == set()


async def test_a_folder_that_the_store_does_not_know_is_left_alone(desk: Desk) -> None:
    stranger = desk.folder / "recordings" / "lost+found"
    stranger.mkdir(parents=True)

    await desk.pass_seconds(10)

    assert desk.kept() == {"lost+found"}


async def test_one_recording_that_cannot_go_on_does_not_hold_up_the_others(desk: Desk) -> None:
    stream, live = await desk.publish()
    live.cut()
    broken = replace(await _begun(desk), recording_id="x-broken", channel_id="c-broken")
    await desk.store.recordings.add(broken)
    (desk.folder / "recordings" / "x-broken").write_text("not a folder")

    live.cut()
    with pytest.raises(ExceptionGroup, match="1 of 2 recordings"):
        await desk.pass_seconds(2)

    assert len(desk.listed(stream.stream_id)) == 2


async def _begun(desk: Desk) -> Recording:
    await desk.pass_seconds(1)
    return await desk.only()
