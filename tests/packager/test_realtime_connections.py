"""Real-time viewers on the socket that nginx connects to."""

import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from pathlib import Path

import pytest
from picows import WSCloseCode, WSInvalidStatusError, WSMsgType

from streaming_app.backend.connection_limits import ConnectionLimits
from streaming_app.backend.media.cutter import Period
from streaming_app.backend.media.frame_fragments import MessageKind
from streaming_app.backend.media.tracks import VideoFrame
from streaming_app.backend.packager.realtime.connection import SlowViewerLimits
from streaming_app.backend.packager.realtime.room import CloseReason, RealtimeRoom
from streaming_app.backend.packager.realtime.server import serving_realtime
from tests.rig.conditions import until
from tests.rig.media_frames import VIDEO, video
from tests.rig.metrics import Growth
from tests.rig.realtime_client import RealtimeClient, watching
from tests.rig.scripted_publisher import Clock

PATH = "/rt/c1/source"
VIEWERS_MAX = 10
PER_ADDRESS = 2
LARGE = bytes(100_000)
"""Content of a frame so large that a few of them fill the buffers of a viewer who does not read."""


@dataclass(frozen=True, slots=True)
class Site:
    door: Path
    room: RealtimeRoom

    def publish(self, frames: Iterable[VideoFrame], data: bytes = b"") -> None:
        for frame in frames:
            self.room.feed(replace(frame, data=data or frame.data))


@pytest.fixture
def slow() -> SlowViewerLimits:
    """Skip at once, and leave only after more skips than a test makes."""
    return SlowViewerLimits(skip_seconds=0, leave_seconds=60)


@pytest.fixture
async def site(tmp_path: Path, slow: SlowViewerLimits) -> AsyncIterator[Site]:
    """One channel with a period of video."""
    room = RealtimeRoom(Clock())
    room.begin(Period(b"", VIDEO, None))
    limits = ConnectionLimits(VIEWERS_MAX, PER_ADDRESS, per_account=0)
    rooms = {("c1", "source"): room}
    async with serving_realtime(lambda *name: rooms.get(name), limits, tmp_path / "rt.sock", slow):
        yield Site(tmp_path / "rt.sock", room)


def _videos(client: RealtimeClient) -> list[MessageKind]:
    return client.kinds[1:]


async def test_a_viewer_gets_frames(site: Site) -> None:
    site.publish(video(0.5))
    async with watching(site.door, PATH) as viewer:
        await viewer.until(lambda: len(viewer.kinds) == 16)
        site.publish(video(0.5, start_ms=500, gop_seconds=10))

        await viewer.until(lambda: len(viewer.kinds) == 31)

    assert viewer.descriptions[0]["video"] == "avc1.4D401F"
    assert viewer.kinds[0] is MessageKind.VIDEO_INIT
    await until(lambda: site.room.viewers == 0, "the viewer has left")


@pytest.mark.parametrize("path", ["/rt/c1/720p", "/rt/c2/source", "/rt/c1", "/rt/c1/source/x", "/rt/%2e/source"])
async def test_an_unknown_address_is_not_found(site: Site, path: str) -> None:
    with pytest.raises(WSInvalidStatusError) as refused:
        async with watching(site.door, path):
            pass

    assert refused.value.response is not None
    assert refused.value.response.status == HTTPStatus.NOT_FOUND


async def test_an_address_has_a_limited_number_of_connections(site: Site) -> None:
    async with watching(site.door, PATH), watching(site.door, PATH), watching(site.door, PATH) as third:
        await third.until(lambda: third.is_disconnected)
        assert third.close_code == CloseReason.TOO_MANY_CONNECTIONS

        async with watching(site.door, PATH, "192.0.2.2") as other:
            await other.until(lambda: other.kinds)


async def test_a_full_packager_refuses_viewers(site: Site) -> None:
    async with AsyncExitStack() as viewers:
        for number in range(VIEWERS_MAX):
            await viewers.enter_async_context(watching(site.door, PATH, f"192.0.2.{number}"))
        await until(lambda: site.room.viewers == VIEWERS_MAX, "all have joined")

        with pytest.raises(WSInvalidStatusError) as refused:
            async with watching(site.door, PATH, "198.51.100.1"):
                pass

    assert refused.value.response is not None
    assert refused.value.response.status == HTTPStatus.SERVICE_UNAVAILABLE


async def test_a_client_that_sends_something_is_disconnected(site: Site) -> None:
    async with watching(site.door, PATH) as viewer:
        viewer.transport.send(WSMsgType.TEXT, b"hello")

        await viewer.until(lambda: viewer.is_disconnected)
        assert viewer.close_code == WSCloseCode.UNSUPPORTED_DATA.value


async def test_a_client_that_sends_a_large_message_is_disconnected(site: Site) -> None:
    async with watching(site.door, PATH) as viewer:
        viewer.transport.send(WSMsgType.TEXT, bytes(1 << 20))

        await viewer.until(lambda: viewer.is_disconnected)


async def test_a_viewer_who_falls_behind_continues_with_the_newest_keyframe(site: Site) -> None:
    async with watching(site.door, PATH) as slow, watching(site.door, PATH) as quick:
        site.publish(video(0.5))
        await slow.until(lambda: len(_videos(slow)) == 15)
        slow.transport.underlying_transport.pause_reading()
        for number, frame in enumerate([*_later(500, 20), *video(1.1, start_ms=1_200)], 16):
            site.publish([frame], LARGE)
            await quick.until(lambda number=number: len(_videos(quick)) == number)
        slow.transport.underlying_transport.resume_reading()

        await slow.until(lambda: slow.messages[-3:] == quick.messages[-3:])

    videos = _videos(slow)
    assert videos[-3:] == [MessageKind.KEYFRAME, MessageKind.VIDEO, MessageKind.VIDEO]
    assert len(videos) < len(_videos(quick)) - 20


async def test_a_viewer_who_is_slow_for_a_moment_misses_nothing(tmp_path: Path) -> None:
    room = RealtimeRoom(Clock())
    room.begin(Period(b"", VIDEO, None))
    patient = SlowViewerLimits(skip_seconds=60, leave_seconds=60)
    limits = ConnectionLimits(VIEWERS_MAX, PER_ADDRESS, per_account=0)
    async with (
        serving_realtime(lambda *_: room, limits, tmp_path / "rt.sock", patient),
        watching(tmp_path / "rt.sock", PATH) as slow,
    ):
        site = Site(tmp_path / "rt.sock", room)
        site.publish(video(0.1))
        await slow.until(lambda: len(_videos(slow)) == 3)
        slow.transport.underlying_transport.pause_reading()
        site.publish(video(3, start_ms=100), LARGE)
        slow.transport.underlying_transport.resume_reading()

        await slow.until(lambda: len(_videos(slow)) == 93)


async def test_a_new_viewer_of_a_long_group_of_pictures_gets_all_of_it(site: Site) -> None:
    site.publish(video(2, gop_seconds=10), LARGE)

    async with watching(site.door, PATH) as viewer:
        await viewer.until(lambda: len(_videos(viewer)) == 60)


async def test_a_slow_viewer_gets_the_header_of_a_new_period(site: Site) -> None:
    expected = [MessageKind.VIDEO_INIT, MessageKind.KEYFRAME, MessageKind.VIDEO]
    async with watching(site.door, PATH) as slow:
        site.publish(video(0.1))
        await slow.until(lambda: len(_videos(slow)) == 3)
        slow.transport.underlying_transport.pause_reading()
        site.publish(_later(100, 20), LARGE)
        site.room.begin(Period(b"", replace(VIDEO, width=320, height=180), None))
        site.publish(islice(video(1), 2))
        slow.transport.underlying_transport.resume_reading()

        await slow.until(lambda: slow.kinds[-3:] == expected and len(slow.descriptions) > 1)

    assert slow.descriptions[-1]["width"] == 320


class TestImpatient:
    """Limits that a viewer exceeds soon."""

    @pytest.fixture
    def slow(self) -> SlowViewerLimits:
        return SlowViewerLimits(skip_seconds=0, leave_seconds=0.2)

    async def test_a_viewer_who_stays_slow_must_leave(self, site: Site) -> None:
        growth = Growth()
        async with watching(site.door, PATH) as stuck:
            site.publish(video(0.1))
            await stuck.until(lambda: len(_videos(stuck)) == 3)
            stuck.transport.underlying_transport.pause_reading()
            site.publish(_later(100, 20), LARGE)

            await until(lambda: site.room.viewers == 0, "the viewer was removed")
            assert growth.of("realtime_slow_viewers_dropped_total") == 1
            assert growth.of("realtime_sent_bytes_total") > 20 * len(LARGE)
            stuck.transport.underlying_transport.resume_reading()
            await stuck.until(lambda: stuck.is_disconnected)


async def test_a_viewer_who_skips_often_must_leave(site: Site, slow: SlowViewerLimits) -> None:
    async with watching(site.door, PATH) as viewer:
        site.publish(video(0.1))
        await viewer.until(lambda: len(_videos(viewer)) == 3)
        viewer.transport.underlying_transport.pause_reading()
        site.publish(_later(100, 20), LARGE)
        site.publish(video(slow.skips_max + 2, start_ms=1_000))

        viewer.transport.underlying_transport.resume_reading()
        await viewer.until(lambda: viewer.is_disconnected)
        assert viewer.close_code == CloseReason.TOO_SLOW


async def test_nothing_is_logged_when_a_viewer_leaves_during_a_burst_of_frames(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(site.door, PATH) as viewer:
        await until(lambda: site.room.viewers == 1, "the viewer has joined")
        viewer.transport.underlying_transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        site.publish(video(1))
        await until(lambda: site.room.viewers == 0, "the viewer has left")

    assert caplog.records == []


def _later(start_ms: int, count: int) -> Iterable[VideoFrame]:
    """Return frames of which none is a keyframe."""
    return (replace(frame, is_key=False) for frame in islice(video(10, start_ms=start_ms, gop_seconds=10), count))
