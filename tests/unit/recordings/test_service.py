"""Recordings as people meet them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError
from streaming_app.backend.media.recordings import policy
from streaming_app.backend.media.recordings.model import Recording, Shortage, Terms
from tests.unit.recordings.conftest import ANN, NOON, PLENTY, Desk

WHOLE = Recording("x-1", "c", "Tonight", "", NOON, seconds=60.0, size=500, ended_at=NOON + timedelta(minutes=1))


async def with_recordings(desk: Desk, *recordings: Recording) -> None:
    for recording in recordings:
        await desk.store.recordings.add(replace(recording, channel_id=desk.channel.channel_id))


async def test_viewers_see_what_there_is_to_see(desk: Desk) -> None:
    stream, _ = await desk.publish()
    running = replace(WHOLE, recording_id=stream.stream_id, ended_at=None, started_at=NOON + timedelta(hours=1))
    await with_recordings(desk, WHOLE, running, replace(WHOLE, recording_id="x-empty", seconds=0.0))

    watchable = await desk.recordings.watchable(desk.channel.channel_id)

    assert [recording.recording_id for recording in watchable] == ["x-1"]


async def test_a_recording_is_watchable_as_soon_as_its_stream_has_ended(desk: Desk) -> None:
    stream, _ = await desk.publish()
    await with_recordings(desk, replace(WHOLE, recording_id=stream.stream_id, ended_at=None))

    await desk.leave()

    assert len(await desk.recordings.watchable(desk.channel.channel_id)) == 1


async def test_the_owner_sees_all_and_what_it_takes_up(desk: Desk) -> None:
    stream, _ = await desk.publish()
    empty = replace(WHOLE, recording_id=stream.stream_id, ended_at=None, seconds=0.0, size=20, shortage=Shortage.DISK)
    await with_recordings(desk, WHOLE, empty)

    shelf = await desk.recordings.shelf(ANN.user_id)

    assert {recording.recording_id for recording in shelf.recordings} == {"x-1", stream.stream_id}
    assert (shelf.running_id, shelf.used, shelf.terms) == (stream.stream_id, 520, PLENTY)


async def test_the_owner_is_told_what_is_missing_from_the_recording_under_way(desk: Desk) -> None:
    channel_id = desk.channel.channel_id
    assert await desk.recordings.missing(channel_id) == ""
    stream, _ = await desk.publish()
    assert await desk.recordings.missing(channel_id) == ""

    short = replace(WHOLE, recording_id=stream.stream_id, ended_at=None, shortage=Shortage.DISK)
    await with_recordings(desk, short, replace(WHOLE, shortage=Shortage.QUOTA))

    assert "server's disk was nearly full" in await desk.recordings.missing(channel_id)
    await desk.leave()
    assert await desk.recordings.missing(channel_id) == ""


async def test_a_recording_is_found_under_its_channel_only(desk: Desk) -> None:
    await with_recordings(desk, WHOLE)

    channel, recording = await desk.recordings.get("ANN", "x-1")
    assert (channel.slug, recording.title) == ("ann", "Tonight")

    await desk.store.recordings.add(replace(WHOLE, recording_id="x-bob", channel_id="c-bob"))
    for slug, recording_id in (("ann", "x-bob"), ("ann", "x-2"), ("bob", "x-1")):
        with pytest.raises(NotFoundError):
            await desk.recordings.get(slug, recording_id)


async def test_only_the_owner_may_delete(desk: Desk) -> None:
    await with_recordings(desk, WHOLE)

    with pytest.raises(ForbiddenError):
        await desk.recordings.delete("u-eve", "x-1")
    await desk.recordings.delete(ANN.user_id, "x-1")

    with pytest.raises(NotFoundError):
        await desk.recordings.delete(ANN.user_id, "x-1")


async def test_what_is_being_recorded_is_not_deleted(desk: Desk) -> None:
    stream, _ = await desk.publish()
    await with_recordings(desk, replace(WHOLE, recording_id=stream.stream_id, ended_at=None))

    with pytest.raises(ConflictError, match="still being recorded"):
        await desk.recordings.delete(ANN.user_id, stream.stream_id)
    await desk.leave()
    await desk.recordings.delete(ANN.user_id, stream.stream_id)

    assert await desk.recordings.watchable(desk.channel.channel_id) == []


@pytest.mark.parametrize(
    ("used", "free", "shortage"),
    [
        (0, 10, Shortage.NONE),
        (99, 10, Shortage.NONE),
        (100, 10, Shortage.QUOTA),
        (0, 9, Shortage.DISK),
        (100, 9, Shortage.DISK),
    ],
)
def test_recording_stops_at_the_quota_and_at_the_reserve(used: int, free: int, shortage: Shortage) -> None:
    assert policy.shortage(used, free, Terms(timedelta(days=1), quota=100, reserve=10)) is shortage


def test_no_more_goes_than_makes_room() -> None:
    recordings = [replace(WHOLE, recording_id=f"x-{n}", size=40) for n in range(3)]
    terms = Terms(timedelta(days=1), quota=100, reserve=10)

    assert [r.recording_id for r in policy.beyond_quota(recordings, 120, terms)] == ["x-0"]
    assert [r.recording_id for r in policy.beyond_quota(recordings, 140, terms)] == ["x-0", "x-1"]
    assert list(policy.beyond_quota(recordings, 99, terms)) == []
