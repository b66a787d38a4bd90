"""The recorder: which streams it records, and complete recordings after faults."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.media.recordings import index_playlist
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason
from streaming_app.backend.media.recordings.recorder import CLOCK_STEADY_BEFORE_EXPIRY
from streaming_app.backend.media.recordings.recording_folder import INDEX
from tests.unit.recordings.conftest import ANN, NOON, PLENTY, RecordingSite, made_at


async def test_a_stream_of_a_channel_that_records_becomes_a_recording(site: RecordingSite) -> None:
    stream, live = await site.publish()
    await site.pass_seconds(1)
    live.cut(2)
    await site.pass_seconds(4)
    live.cut(1)
    await site.leave()
    await site.pass_seconds(1)

    recording = await site.only()
    assert (recording.recording_id, recording.title) == (stream.stream_id, "Ann's stream")
    assert (recording.started_at, recording.ended_at) == (NOON, NOON + timedelta(seconds=6))
    assert recording.seconds == 6.0
    assert recording.size > 0
    assert site.listed(stream.stream_id) == [live.number - 3, live.number - 2, live.number - 1]
    assert (site.folder / "recordings" / stream.stream_id / INDEX).read_text().endswith(index_playlist.END)


async def test_a_stream_of_a_channel_that_does_not_record_is_ignored(site: RecordingSite) -> None:
    await site.channels.set_records(ANN.user_id, records=False)
    _, live = await site.publish()
    live.cut(3)

    await site.pass_seconds(6)

    assert await site.store.recordings.unfinished() == []
    assert site.kept() == set()


async def test_a_recording_grows_while_the_stream_runs(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut()
    await site.pass_seconds(2)
    assert (await site.only()).seconds == 2.0

    live.cut()
    await site.channels.set_title_and_category(ANN.user_id, "Now with soup", "Food")
    await site.pass_seconds(2)

    recording = await site.only()
    assert (recording.seconds, recording.title, recording.category) == (4.0, "Now with soup", "Food")
    assert recording.ended_at is None
    assert site.listed(stream.stream_id) == [live.number - 2, live.number - 1]


async def test_a_recording_ends_when_the_last_segment_is_complete(site: RecordingSite) -> None:
    _, live = await site.publish()
    live.cut()
    await site.pass_seconds(2)
    await site.streams.end(ANN.user_id)
    await site.pass_seconds(1)
    assert (await site.only()).ended_at is None

    live.cut()
    live.is_open = False
    await site.pass_seconds(1)

    recording = await site.only()
    assert recording.seconds == 4.0
    assert recording.ended_at is not None


async def test_a_returning_publisher_continues_the_same_recording(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)
    live.is_open = False
    await site.streams.publisher_gone(site.channel.channel_id, "1")
    await site.pass_seconds(10)
    assert (await site.only()).ended_at is None

    live.at = site.now
    again, _ = await site.publish()
    live.cut(1)
    await site.pass_seconds(2)

    assert again.stream_id == stream.stream_id
    assert site.listed(stream.stream_id) == [live.number - 3, live.number - 2, live.number - 1]
    text = (site.folder / "recordings" / stream.stream_id / INDEX).read_text()
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert text.count("#EXT-X-MAP") == 2


async def test_a_killed_recorder_continues_without_duplicates_or_gaps(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)

    live.cut(20)
    site.now += timedelta(seconds=40)
    site.restart(PLENTY)
    await site.pass_seconds(1)

    assert site.listed(stream.stream_id) == list(range(live.number - 22, live.number))
    assert (await site.only()).seconds == 44.0
    assert "DISCONTINUITY" not in (site.folder / "recordings" / stream.stream_id / INDEX).read_text()


async def test_a_recorder_stopped_for_longer_than_the_window_continues_after_a_gap(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.window = 3
    live.cut(2)
    await site.pass_seconds(4)

    live.cut(10)
    site.restart(PLENTY)
    await site.pass_seconds(20)

    first = live.number - 12
    assert site.listed(stream.stream_id) == [first, first + 1, *range(first + 9, first + 12)]
    assert (site.folder / "recordings" / stream.stream_id / INDEX).read_text().count("#EXT-X-DISCONTINUITY") == 1


async def test_a_stream_that_ended_while_the_recorder_was_stopped_is_finished(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)

    live.cut(3)
    await site.leave()
    site.restart(PLENTY)
    await site.pass_seconds(10)

    recording = await site.only()
    assert recording.ended_at is not None
    assert recording.seconds == 10.0
    assert len(site.listed(stream.stream_id)) == 5


async def test_a_recording_is_finished_if_the_packager_no_longer_has_its_window(site: RecordingSite) -> None:
    _, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)
    await site.leave()
    site.packager.channels.clear()
    site.restart(PLENTY)

    await site.pass_seconds(3600)

    assert ((await site.only()).seconds, (await site.only()).ended_at) == (4.0, site.now)


async def test_an_unreachable_packager_is_waited_for_with_a_limit(site: RecordingSite) -> None:
    _, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)
    live.cut(1)
    await site.leave()
    site.packager.is_up = False

    await site.pass_seconds(30)
    assert (await site.only()).ended_at is None

    await site.pass_seconds(60)
    assert ((await site.only()).seconds, (await site.only()).ended_at) == (4.0, site.now)


async def test_two_streams_in_one_window_become_two_recordings(site: RecordingSite) -> None:
    first, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)
    live.is_open = False
    await site.streams.end(ANN.user_id)
    site.ingest.connected.clear()
    site.now += timedelta(seconds=30)

    live.at = site.now
    second, _ = await site.publish()
    live.cut(3)
    await site.pass_seconds(6)

    assert first.stream_id != second.stream_id
    assert site.listed(first.stream_id) == [live.number - 5, live.number - 4]
    assert site.listed(second.stream_id) == [live.number - 3, live.number - 2, live.number - 1]
    assert (await site.store.recordings.get(first.stream_id)).ended_at is not None
    assert (await site.store.recordings.get(second.stream_id)).ended_at is None


async def test_switching_recording_off_finishes_the_recording_of_a_running_stream(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)

    await site.channels.set_records(ANN.user_id, records=False)
    await site.pass_seconds(1)
    live.cut(2)
    await site.pass_seconds(4)
    await site.channels.set_records(ANN.user_id, records=True)
    await site.pass_seconds(1)

    assert (await site.only()).ended_at is not None
    assert len(site.listed(stream.stream_id)) == 2


async def test_a_stream_without_video_leaves_no_recording(site: RecordingSite) -> None:
    await site.publish()
    await site.pass_seconds(1)
    await site.leave()

    await site.pass_seconds(1)
    await site.pass_seconds(10)

    assert await site.store.recordings.of_channel(site.channel.channel_id, 10) == []
    assert site.kept() == set()


async def test_the_poster_is_a_thumbnail_of_the_recorded_stream(site: RecordingSite) -> None:
    picture = site.storage.thumbnail(site.channel.channel_id)
    picture.parent.mkdir()
    picture.write_bytes(b"of the stream before")
    made_at(picture, NOON - timedelta(minutes=1))
    stream, live = await site.publish()
    poster = site.folder / "recordings" / stream.stream_id / "poster.jpg"
    live.cut()
    await site.pass_seconds(2)
    assert not poster.exists()

    for number, text in enumerate([b"first", b"second", b"third"]):
        picture.write_bytes(text)
        made_at(picture, NOON + timedelta(seconds=60 + number))
        live.cut(16)
        await site.pass_seconds(32)

    assert poster.read_bytes() == b"second", "the first one, and the one behind the first minute"


async def test_recording_stops_on_a_full_disk_and_this_is_reported(
    site: RecordingSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.restart(replace(PLENTY, reserve=1 << 62))
    stream, live = await site.publish()
    live.cut(2)

    with caplog.at_level(logging.WARNING):
        await site.pass_seconds(4)
        await site.pass_seconds(1)

    recording = await site.only()
    assert (recording.gap_reason, recording.seconds) == (RecordingGapReason.DISK, 0.0)
    assert [record.getMessage() for record in caplog.records] == [
        f"Channel {site.channel.channel_id} is not recorded now: the disk is fuller than RECORDING_RESERVE allows"
    ]
    site.restart(PLENTY)
    await site.pass_seconds(1)
    assert len(site.listed(stream.stream_id)) == 2
    assert (await site.only()).gap_reason is RecordingGapReason.DISK


async def test_the_oldest_recordings_are_removed_when_the_quota_is_full(site: RecordingSite) -> None:
    ids: list[str] = []
    size = 0
    for _ in range(3):
        stream, live = await site.publish()
        ids.append(stream.stream_id)
        live.cut(2)
        await site.pass_seconds(4)
        await site.leave()
        await site.pass_seconds(10)
        size = (await site.store.recordings.get(stream.stream_id)).size

    site.restart(replace(PLENTY, quota=3 * size))
    _, live = await site.publish()
    live.cut(1)
    await site.pass_seconds(2)
    await site.pass_seconds(10)

    kept = [r.recording_id for r in await site.store.recordings.of_channel(site.channel.channel_id, 10)]
    assert kept[1:] == [ids[2], ids[1]]
    assert site.kept() == set(kept)


async def test_a_recording_that_fills_the_quota_alone_stops(site: RecordingSite) -> None:
    site.restart(replace(PLENTY, quota=100))
    stream, live = await site.publish()
    live.cut(1)
    await site.pass_seconds(2)

    live.cut(1)
    await site.pass_seconds(2)

    assert len(site.listed(stream.stream_id)) == 1
    assert (await site.only()).gap_reason is RecordingGapReason.QUOTA


async def test_recordings_are_removed_after_the_retention_time(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut()
    await site.pass_seconds(2)
    await site.leave()
    await site.pass_seconds(1)

    await site.pass_seconds(PLENTY.retention.total_seconds() - 60)
    assert site.kept() == {stream.stream_id}

    await site.pass_seconds(61)
    assert await site.store.recordings.of_channel(site.channel.channel_id, 10) == []
    assert site.kept() == set()


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=-400)])
async def test_a_recording_continues_when_the_wall_clock_is_set(site: RecordingSite, by: timedelta) -> None:
    stream, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)

    site.set_clock(by)
    for _ in range(5):
        live.cut(1)
        await site.pass_seconds(2)
    site.set_clock(-by)
    live.cut(1)
    await site.pass_seconds(2)

    assert site.listed(stream.stream_id) == list(range(live.number - 8, live.number))
    assert (await site.only()).seconds == 16.0


async def test_a_stream_after_the_clock_was_set_back_records_no_earlier_segments(site: RecordingSite) -> None:
    first, live = await site.publish()
    live.cut(3)
    await site.pass_seconds(6)
    live.is_open = False
    await site.streams.publisher_gone(site.channel.channel_id, "1")
    site.ingest.connected.clear()
    await site.pass_seconds(40)
    await site.streams.reap()
    await site.pass_seconds(1)

    site.set_clock(timedelta(hours=-1))
    site.now += timedelta(seconds=30)
    live.at = site.now
    second, _ = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)

    assert site.listed(first.stream_id) == [live.number - 5, live.number - 4, live.number - 3]
    assert site.listed(second.stream_id) == [live.number - 2, live.number - 1]


async def test_a_briefly_wrong_clock_removes_no_recordings(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut()
    await site.pass_seconds(2)
    await site.leave()
    await site.pass_seconds(2 * CLOCK_STEADY_BEFORE_EXPIRY.total_seconds())

    site.set_clock(timedelta(days=40))
    for _ in range(3):
        await site.pass_seconds(10)
    site.restart(PLENTY)
    await site.pass_seconds(10)
    site.set_clock(timedelta(days=-40))
    await site.pass_seconds(10)
    await site.pass_seconds(2 * CLOCK_STEADY_BEFORE_EXPIRY.total_seconds())

    assert site.kept() == {stream.stream_id}


async def test_retention_continues_once_the_clock_is_steady(site: RecordingSite) -> None:
    _, live = await site.publish()
    live.cut()
    await site.pass_seconds(2)
    await site.leave()
    await site.pass_seconds(1)

    site.set_clock(timedelta(days=40))
    await site.pass_seconds(10)
    await site.pass_seconds(CLOCK_STEADY_BEFORE_EXPIRY.total_seconds())

    assert site.kept() == set()


async def test_the_wait_for_the_packager_is_measured_on_the_monotonic_clock(site: RecordingSite) -> None:
    _, live = await site.publish()
    live.cut(2)
    await site.pass_seconds(4)
    await site.leave()
    site.packager.is_up = False
    await site.pass_seconds(1)

    site.set_clock(timedelta(days=1))
    await site.pass_seconds(1)
    assert (await site.only()).ended_at is None
    site.packager.is_up = True
    live.cut(1)
    await site.pass_seconds(1)

    assert ((await site.only()).seconds, (await site.only()).ended_at) == (6.0, site.now)


async def test_frames_buffered_by_the_encoder_before_the_stream_are_recorded(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.at = site.now - timedelta(seconds=10)
    live.cut(5)
    await site.pass_seconds(2)
    live.cut(1)
    await site.pass_seconds(2)

    assert site.listed(stream.stream_id) == list(range(live.number - 6, live.number))


async def test_files_of_a_deleted_recording_are_deleted(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut()
    await site.pass_seconds(2)
    await site.leave()
    await site.pass_seconds(1)

    await site.recordings.delete(ANN.user_id, stream.stream_id)
    site.restart(PLENTY)
    await site.pass_seconds(1)

    assert site.kept() == set()


async def test_an_unknown_folder_is_not_deleted(site: RecordingSite) -> None:
    stranger = site.folder / "recordings" / "lost+found"
    stranger.mkdir(parents=True)

    await site.pass_seconds(10)

    assert site.kept() == {"lost+found"}


async def test_a_failing_recording_does_not_delay_the_others(site: RecordingSite) -> None:
    stream, live = await site.publish()
    live.cut()
    broken = replace(await _begun(site), recording_id="x-broken", channel_id="c-broken")
    await site.store.recordings.add(broken)
    (site.folder / "recordings" / "x-broken").write_text("not a folder")

    live.cut()
    with pytest.raises(ExceptionGroup, match="1 of 2 recordings"):
        await site.pass_seconds(2)

    assert len(site.listed(stream.stream_id)) == 2


async def _begun(site: RecordingSite) -> Recording:
    await site.pass_seconds(1)
    return await site.only()
