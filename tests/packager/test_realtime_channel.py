"""What real-time viewers of a channel get when its publisher does something unusual."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from streaming_app.backend.media.frame_fragments import MessageKind
from streaming_app.backend.media.tracks import Media, VideoFrame
from streaming_app.backend.packager.live_channel import LIVE_DIR_FULL
from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.packager.realtime.room import CloseReason, RealtimeRoom
from tests.rig.conditions import until
from tests.rig.media_frames import AUDIO, VIDEO, audio, both, together, video
from tests.rig.realtime_client import RecordingViewer
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Clock, Publisher

HEADER = [MessageKind.DESCRIPTION, MessageKind.VIDEO_INIT, MessageKind.AUDIO_INIT]
PICTURE_HEADER = HEADER[:2]


@pytest.fixture
async def room(packager: Packager) -> RealtimeRoom:
    packager.on_publish("c1", ignore)
    room = packager.realtime_room("c1", "source")
    assert room is not None
    return room


@pytest.fixture
async def viewer(room: RealtimeRoom) -> RecordingViewer:
    viewer = RecordingViewer()
    room.join(viewer)
    return viewer


def _without_keyframes(frames: Iterable[VideoFrame]) -> list[Media]:
    return [replace(frame, is_key=False) for frame in frames]


async def _until_sent(viewer: RecordingViewer, count: int) -> None:
    await until(lambda: len(viewer.kinds) >= count, f"there were {count} messages")


async def test_each_frame_is_sent_without_waiting_for_a_part(publisher: Publisher, viewer: RecordingViewer) -> None:
    start = both(1)
    publisher.send(start)

    await _until_sent(viewer, len(HEADER) + len(start) - 2)

    assert viewer.kinds[:4] == [*HEADER, MessageKind.KEYFRAME]


async def test_viewers_of_a_server_whose_disk_is_full_miss_nothing(
    packager: Packager, publisher: Publisher, viewer: RecordingViewer, tmp_path: Path
) -> None:
    channel = packager.channel("c1")
    assert channel is not None
    start = both(3)
    (tmp_path / "ll").mkdir()
    (tmp_path / "ll/c1").touch()  # a file in place of the channel's folder

    publisher.send(start)

    await _until_sent(viewer, len(HEADER) + len(start) - 2)
    assert channel.issue == LIVE_DIR_FULL
    assert not list(channel.window.listed())


async def test_frames_of_another_size_wait_for_their_initialization_segment(
    publisher: Publisher, viewer: RecordingViewer
) -> None:
    publisher.send([VIDEO, *video(1)])
    await _until_sent(viewer, len(PICTURE_HEADER) + 30)
    publisher.send([replace(VIDEO, width=320, height=180), *_without_keyframes(video(0.5, start_ms=1_000))])
    publisher.send([*video(0.5, start_ms=1_500)])

    await _until_sent(viewer, 2 * len(PICTURE_HEADER) + 45)

    assert viewer.kinds[len(PICTURE_HEADER) + 30 :][:3] == [*PICTURE_HEADER, MessageKind.KEYFRAME]
    assert len(viewer.kinds) == 2 * len(PICTURE_HEADER) + 45


async def test_viewers_are_told_what_they_can_watch_and_how_far_back(
    publisher: Publisher, room: RealtimeRoom, viewer: RecordingViewer
) -> None:
    publisher.send([VIDEO, *video(4.5)])
    await _until_sent(viewer, len(PICTURE_HEADER) + 135)
    late = RecordingViewer()
    room.join(late)
    publisher.send([replace(VIDEO, width=320, height=180), *video(32, start_ms=4_500)])
    await _until_sent(viewer, 2 * len(PICTURE_HEADER) + 1_095)
    later = RecordingViewer()
    room.join(later)

    source = {"name": "source", "width": 640, "height": 360, "bitrate": 250_000}
    smaller = {**source, "width": 320, "height": 180}
    assert viewer.choices[0] == {"renditions": [{**source, "bitrate": 0}], "window": 0, "window_max": 30}
    assert [choice["renditions"] for choice in viewer.choices[1:]] == [[source], [smaller]]
    assert late.choices == [{"renditions": [source], "window": 4, "window_max": 30}, viewer.choices[2]]
    assert viewer.choices[2]["window"] == 4
    assert later.choices == [{"renditions": [smaller], "window": 30, "window_max": 30}]


async def test_sound_that_begins_later_begins_a_new_period(publisher: Publisher, viewer: RecordingViewer) -> None:
    publisher.send([VIDEO, *video(1.5)])
    publisher.send([AUDIO, *together(video(1.5, start_ms=1_500), audio(1.5, start_ms=1_500))])

    await until(lambda: MessageKind.AUDIO in viewer.kinds, "the sound was sent")

    second = viewer.kinds.index(MessageKind.DESCRIPTION, 1)
    assert viewer.kinds[second : second + 4] == [*HEADER, MessageKind.KEYFRAME]
    assert MessageKind.AUDIO not in viewer.kinds[:second]


async def test_ten_seconds_without_a_keyframe_are_sent_and_kept(
    publisher: Publisher, room: RealtimeRoom, viewer: RecordingViewer
) -> None:
    publisher.send(both(12, gop_seconds=60))
    await until(lambda: viewer.kinds.count(MessageKind.VIDEO) == 359, "all frames were sent")
    late = RecordingViewer()

    room.join(late)

    assert late.messages == viewer.messages


async def test_viewers_wait_for_a_keyframe_after_it_was_missing_for_too_long(
    publisher: Publisher, room: RealtimeRoom, viewer: RecordingViewer
) -> None:
    publisher.send([VIDEO, *video(32, gop_seconds=60)])
    publisher.send([*video(1, start_ms=32_000)])

    await until(lambda: viewer.kinds.count(MessageKind.KEYFRAME) == 2, "there was a keyframe")

    second = viewer.kinds.index(MessageKind.DESCRIPTION, 1)
    assert len(PICTURE_HEADER) + 900 <= second < len(PICTURE_HEADER) + 905
    assert viewer.kinds[second : second + 3] == [*PICTURE_HEADER, MessageKind.KEYFRAME]


async def test_viewers_stay_while_the_publisher_is_away_and_leave_after_the_grace_period(
    packager: Packager, publisher: Publisher, clock: Clock, room: RealtimeRoom, viewer: RecordingViewer
) -> None:
    publisher.send([VIDEO, *video(1)])
    await _until_sent(viewer, 32)
    publisher.leave()
    await until(lambda: len(publisher.played) == 2, "it was looked for again")
    newcomer = RecordingViewer()
    room.join(newcomer)
    assert (newcomer.kinds, room.viewers) == ([], 2)

    publisher.send([VIDEO, *video(1)])
    await _until_sent(newcomer, 32)
    assert newcomer.kinds == viewer.kinds[32:]
    publisher.leave()
    clock.seconds += 60
    packager.reconcile(set())

    assert viewer.closed_for is newcomer.closed_for is CloseReason.ENDED
    assert packager.realtime_room("c1", "source") is None
