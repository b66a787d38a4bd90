"""The renditions of each period do not depend on the transcoders of the previous one."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streaming_app.backend.media import bitrate_ladder as rungs
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.playlist import RenditionReport
from streaming_app.backend.media.tracks import VideoFrame
from streaming_app.backend.packager.bitrate_ladder import (
    FIRST_RETRY_SECONDS,
    LONGEST_RETRY_SECONDS,
    RETRY_SOON_SECONDS,
    Ladder,
    TranscoderSlots,
)
from streaming_app.backend.packager.rendition_server import RenditionServer
from streaming_app.backend.packager.transcoder import FIRST_FRAME_DELAY_SECONDS_MAX
from tests.rig.conditions import until
from tests.rig.media_frames import both, cuts_of, periods_of
from tests.rig.memory_files import OPENED_AT, MemoryFiles
from tests.rig.processes import descendants
from tests.rig.scripted_publisher import Clock

[PERIOD] = periods_of(cuts_of(both(1)))
IDLE = ["sleep", "60"]
"""Command of a transcoder without output."""


def _server(name: str, reports: Callable[[], list[RenditionReport]]) -> RenditionServer:
    return RenditionServer(LiveWindow(MemoryFiles(), 30.0, OPENED_AT), f"/ll-files/c1/{name}", reports)


def _keyframe(dts_ms: int) -> VideoFrame:
    return VideoFrame(dts_ms, 0, is_key=True, data=b"key")


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _transcoders() -> int:
    return len(descendants(os.getpid(), lambda process: process.cmdline() == IDLE))


async def test_a_transcoder_that_failed_in_the_previous_period_deletes_no_file(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    slots = TranscoderSlots(2)
    ladder = Ladder(slots, _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)
    ladder.feed(_keyframe(0))
    await until(lambda: _transcoders() == 1, "the first transcoder ran")
    ladder.feed(_keyframe(1000))
    clock.seconds += FIRST_FRAME_DELAY_SECONDS_MAX + 1  # no output within the time limit
    ladder.feed(_keyframe(2000))

    ladder.begin(PERIOD)
    ladder.feed(_keyframe(3000))
    await until(slots.acquire, "the first transcoder had ended")

    assert [rendition.name for rendition in ladder.variants()] == ["240p"]
    assert ladder.rendition("240p") is not None
    assert ladder.issue == ""
    await ladder.close()
    assert _transcoders() == 0


async def test_a_period_that_ends_at_once_releases_its_slot(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    slots = TranscoderSlots(1)
    ladder = Ladder(slots, _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)
    ladder.feed(_keyframe(0))

    await ladder.close()

    assert slots.acquire()


@pytest.mark.parametrize("command", [["/no/such/program"], ["true"]])
async def test_transcoders_that_end_at_once_leave_no_pipe_open(
    command: list[str], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: command)
    slots = TranscoderSlots(1)
    ladder = Ladder(slots, _server, lambda: OPENED_AT, clock)

    async def start() -> None:
        ladder.begin(PERIOD)
        ladder.feed(_keyframe(0))
        await until(lambda: ladder.issue != "", "it had failed")
        await ladder.close()

    await start()
    before = _open_files()
    for _ in range(20):
        await start()

    assert _open_files() <= before


async def test_a_transcoder_cancelled_while_it_starts_leaves_no_pipe_open(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    ladder = Ladder(TranscoderSlots(1), _server, lambda: OPENED_AT, clock)

    async def start() -> None:
        ladder.begin(PERIOD)
        ladder.feed(_keyframe(0))
        await asyncio.sleep(0)  # the task has started to start the program
        await ladder.close()

    await start()
    before = _open_files()
    for _ in range(20):
        await start()

    await until(lambda: _open_files() <= before, "all was closed")


async def test_a_transcoder_is_not_slow_while_it_waits_for_its_second_keyframe(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    ladder = Ladder(TranscoderSlots(1), _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)
    ladder.feed(_keyframe(0))

    for second in range(1, 30):
        clock.seconds += 1
        ladder.feed(VideoFrame(second * 1000, 0, is_key=False, data=b"frame"))
    assert ladder.issue == ""
    ladder.feed(_keyframe(30_000))
    clock.seconds += FIRST_FRAME_DELAY_SECONDS_MAX + 1
    ladder.feed(_keyframe(31_000))
    await until(lambda: "can't keep up" in ladder.issue, "it was given up")
    await ladder.close()


async def test_a_burst_does_not_count_as_a_slow_transcoder(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    ladder = Ladder(TranscoderSlots(1), _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)

    for second in range(60):
        ladder.feed(_keyframe(second * 1000))

    assert ladder.issue == ""
    assert [rendition.name for rendition in ladder.variants()] == ["240p"]
    await ladder.close()


async def test_failed_renditions_are_made_again_after_a_pause_that_grows(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: ["true"])
    ladder = Ladder(TranscoderSlots(1), _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)
    ladder.feed(_keyframe(0))

    for pause in (FIRST_RETRY_SECONDS, 2 * FIRST_RETRY_SECONDS, 4 * FIRST_RETRY_SECONDS):
        await until(lambda: ladder.issue != "", "the transcoder had failed")
        await asyncio.sleep(0)  # its task releases the slot
        clock.seconds += pause - 1
        ladder.feed(_keyframe(1000))
        assert ladder.variants() == []
        clock.seconds += 1
        ladder.feed(_keyframe(2000))
        assert [rendition.name for rendition in ladder.variants()] == ["240p"]
        assert ladder.issue == ""
    await ladder.close()


async def test_a_transcoder_that_has_run_for_long_is_started_again_soon(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    ladder = Ladder(TranscoderSlots(1), _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)

    for _ in range(2):
        ladder.feed(_keyframe(0))
        ladder.feed(_keyframe(1000))
        clock.seconds += LONGEST_RETRY_SECONDS + 1  # no output within the time limit
        ladder.feed(_keyframe(2000))
        await until(lambda: "can't keep up" in ladder.issue, "it was given up")
        await asyncio.sleep(0)  # its task releases the slot
        clock.seconds += FIRST_RETRY_SECONDS
    ladder.feed(_keyframe(3000))

    assert [rendition.name for rendition in ladder.variants()] == ["240p"]
    await ladder.close()


async def test_renditions_begin_when_a_transcoder_becomes_free(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    slots = TranscoderSlots(1)
    assert slots.acquire()  # for another stream
    ladder = Ladder(slots, _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)
    ladder.feed(_keyframe(0))
    assert "already making as many as it can" in ladder.issue

    slots.release()
    ladder.feed(_keyframe(1000))
    assert ladder.variants() == []
    clock.seconds += RETRY_SOON_SECONDS
    ladder.feed(_keyframe(2000))

    assert [rendition.name for rendition in ladder.variants()] == ["240p"]
    assert ladder.issue == ""
    await ladder.close()


async def test_a_new_period_gets_the_slot_of_the_previous_one(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(rungs, "ffmpeg_command", lambda *_: IDLE)
    ladder = Ladder(TranscoderSlots(1), _server, lambda: OPENED_AT, clock)
    ladder.begin(PERIOD)
    ladder.feed(_keyframe(0))
    await until(lambda: _transcoders() == 1, "the first transcoder ran")

    ladder.begin(PERIOD)

    def is_offered() -> bool:
        ladder.feed(_keyframe(1000))
        return bool(ladder.variants())

    await until(is_offered, "the second transcoder had taken its place")
    assert ladder.issue == ""
    await ladder.close()
