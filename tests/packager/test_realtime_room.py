"""Who gets which frames in real time."""

import pytest

from streaming_app.backend.media.cutter import Period
from streaming_app.backend.media.frame_fragments import MessageKind
from streaming_app.backend.media.tracks import AudioFrame, VideoFrame
from streaming_app.backend.packager.realtime import room as limits
from streaming_app.backend.packager.realtime.room import CloseReason, RealtimeRoom, shared_message
from tests.rig.media_frames import AUDIO, VIDEO, both, video
from tests.rig.realtime_client import RecordingViewer
from tests.rig.scripted_publisher import Clock

HEADER = [MessageKind.DESCRIPTION, MessageKind.VIDEO_INIT, MessageKind.AUDIO_INIT]


@pytest.fixture
def room() -> RealtimeRoom:
    return RealtimeRoom(Clock())


def _publish(room: RealtimeRoom, seconds: float, *, start_ms: int = 0) -> None:
    for media in both(seconds, start_ms=start_ms):
        if isinstance(media, VideoFrame | AudioFrame):
            room.feed(media)


def _begin(room: RealtimeRoom) -> None:
    room.begin(Period(b"", VIDEO, AUDIO))


def test_a_viewer_gets_the_frames_since_the_newest_keyframe(room: RealtimeRoom) -> None:
    _begin(room)
    _publish(room, 1.5)

    viewer = RecordingViewer()
    room.join(viewer)

    assert viewer.kinds[:4] == [*HEADER, MessageKind.KEYFRAME]
    assert viewer.kinds.count(MessageKind.VIDEO) == 14


def test_viewers_get_the_same_bytes(room: RealtimeRoom) -> None:
    _begin(room)
    viewers = [RecordingViewer(), RecordingViewer()]
    for viewer in viewers:
        room.join(viewer)

    _publish(room, 1)

    first, second = viewers
    assert len(first.messages) > 70
    assert all(a is b for a, b in zip(first.messages, second.messages, strict=True))


def test_a_viewer_who_came_before_the_publisher_gets_everything(room: RealtimeRoom) -> None:
    viewer = RecordingViewer()
    room.join(viewer)

    _begin(room)
    _publish(room, 1)

    assert viewer.kinds[:3] == HEADER
    assert viewer.kinds.count(MessageKind.KEYFRAME) == 1


def test_a_new_period_is_announced(room: RealtimeRoom) -> None:
    _begin(room)
    viewer = RecordingViewer()
    room.join(viewer)

    _begin(room)

    assert viewer.kinds == HEADER * 2


def test_who_left_gets_nothing_more(room: RealtimeRoom) -> None:
    _begin(room)
    viewer = RecordingViewer()
    room.join(viewer)
    room.leave(viewer)

    _publish(room, 1)

    assert viewer.kinds == HEADER
    assert room.viewers == 0


def test_after_the_publisher_left_new_viewers_wait_for_the_next_period(room: RealtimeRoom) -> None:
    _begin(room)
    _publish(room, 1)
    room.stop()
    viewer = RecordingViewer()

    room.join(viewer)
    _publish(room, 1)

    assert viewer.kinds == []


def test_frames_are_not_kept_without_a_limit(room: RealtimeRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_MAX_MESSAGES", 20)
    room.begin(Period(b"", VIDEO, None))
    frames = list(video(2, gop_seconds=10))
    for frame in frames[:30]:
        room.feed(frame)
    viewer = RecordingViewer()
    room.join(viewer)
    assert viewer.kinds == HEADER[:2]

    for frame in video(1, start_ms=1_000):
        room.feed(frame)

    assert viewer.kinds[2] is MessageKind.KEYFRAME


def test_the_renditions_follow_the_description_of_a_period(room: RealtimeRoom) -> None:
    viewer = RecordingViewer()
    room.join(viewer)
    room.set_choice(shared_message(b'{"window": 1}'), tell=True)
    assert viewer.choices == [], "nobody publishes"

    _begin(room)
    _publish(room, 0.5)
    late = RecordingViewer()
    room.join(late)

    assert (viewer.kinds[:3], late.kinds[:3]) == (HEADER, HEADER)
    assert viewer.choices == late.choices == [{"window": 1}]


def test_only_a_change_of_the_renditions_is_told_at_once(room: RealtimeRoom) -> None:
    _begin(room)
    viewer, late = RecordingViewer(), RecordingViewer()
    room.join(viewer)

    room.set_choice(shared_message(b'{"window": 1}'), tell=True)
    room.set_choice(shared_message(b'{"window": 2}'), tell=False)
    room.join(late)

    assert (viewer.choices, late.choices) == ([{"window": 1}], [{"window": 2}])


def test_viewers_are_told_that_the_stream_has_ended(room: RealtimeRoom) -> None:
    viewer = RecordingViewer()
    room.join(viewer)

    room.close(CloseReason.ENDED)

    assert viewer.closed_for is CloseReason.ENDED
