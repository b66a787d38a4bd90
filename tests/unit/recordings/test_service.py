"""Recordings for owners and viewers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.errors import ConflictError, ForbiddenError, NotFoundError
from streaming_app.backend.media.recordings import policy
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason, RecordingLimits
from tests.unit.recordings.conftest import ANN, NOON, PLENTY, RecordingSite

WHOLE = Recording("x-1", "c", "Tonight", "", NOON, seconds=60.0, size=500, ended_at=NOON + timedelta(minutes=1))


async def with_recordings(site: RecordingSite, *recordings: Recording) -> None:
    for recording in recordings:
        await site.store.recordings.add(replace(recording, channel_id=site.channel.channel_id))


async def test_viewers_see_finished_recordings(site: RecordingSite) -> None:
    stream, _ = await site.publish()
    running = replace(WHOLE, recording_id=stream.stream_id, ended_at=None, started_at=NOON + timedelta(hours=1))
    await with_recordings(site, WHOLE, running, replace(WHOLE, recording_id="x-empty", seconds=0.0))

    watchable = await site.recordings.watchable(site.channel.channel_id)

    assert [recording.recording_id for recording in watchable] == ["x-1"]


async def test_a_recording_is_watchable_as_soon_as_its_stream_has_ended(site: RecordingSite) -> None:
    stream, _ = await site.publish()
    await with_recordings(site, replace(WHOLE, recording_id=stream.stream_id, ended_at=None))

    await site.leave()

    assert len(await site.recordings.watchable(site.channel.channel_id)) == 1


async def test_the_owner_sees_all_recordings_and_their_size(site: RecordingSite) -> None:
    stream, _ = await site.publish()
    empty = replace(
        WHOLE, recording_id=stream.stream_id, ended_at=None, seconds=0.0, size=20, gap_reason=RecordingGapReason.DISK
    )
    await with_recordings(site, WHOLE, empty)

    library = await site.recordings.library(ANN.user_id)

    assert {recording.recording_id for recording in library.recordings} == {"x-1", stream.stream_id}
    assert (library.in_progress_id, library.used, library.limits) == (stream.stream_id, 520, PLENTY)


async def test_the_owner_sees_gaps_of_the_current_recording(site: RecordingSite) -> None:
    channel_id = site.channel.channel_id
    assert await site.recordings.gap_message(channel_id) == ""
    stream, _ = await site.publish()
    assert await site.recordings.gap_message(channel_id) == ""

    short = replace(WHOLE, recording_id=stream.stream_id, ended_at=None, gap_reason=RecordingGapReason.DISK)
    await with_recordings(site, short, replace(WHOLE, gap_reason=RecordingGapReason.QUOTA))

    assert "server's disk was nearly full" in await site.recordings.gap_message(channel_id)
    await site.leave()
    assert await site.recordings.gap_message(channel_id) == ""


async def test_a_recording_is_found_only_in_its_channel(site: RecordingSite) -> None:
    await with_recordings(site, WHOLE)

    channel, recording = await site.recordings.get("ANN", "x-1")
    assert (channel.slug, recording.title) == ("ann", "Tonight")

    await site.store.recordings.add(replace(WHOLE, recording_id="x-bob", channel_id="c-bob"))
    for slug, recording_id in (("ann", "x-bob"), ("ann", "x-2"), ("bob", "x-1")):
        with pytest.raises(NotFoundError):
            await site.recordings.get(slug, recording_id)


async def test_only_the_owner_may_delete(site: RecordingSite) -> None:
    await with_recordings(site, WHOLE)

    with pytest.raises(ForbiddenError):
        await site.recordings.delete("u-eve", "x-1")
    await site.recordings.delete(ANN.user_id, "x-1")

    with pytest.raises(NotFoundError):
        await site.recordings.delete(ANN.user_id, "x-1")


async def test_a_running_recording_cannot_be_deleted(site: RecordingSite) -> None:
    stream, _ = await site.publish()
    await with_recordings(site, replace(WHOLE, recording_id=stream.stream_id, ended_at=None))

    with pytest.raises(ConflictError, match="still being recorded"):
        await site.recordings.delete(ANN.user_id, stream.stream_id)
    await site.leave()
    await site.recordings.delete(ANN.user_id, stream.stream_id)

    assert await site.recordings.watchable(site.channel.channel_id) == []


@pytest.mark.parametrize(
    ("used", "free", "gap_reason"),
    [
        (0, 10, RecordingGapReason.NONE),
        (99, 10, RecordingGapReason.NONE),
        (100, 10, RecordingGapReason.QUOTA),
        (0, 9, RecordingGapReason.DISK),
        (100, 9, RecordingGapReason.DISK),
    ],
)
def test_recording_stops_at_the_quota_and_at_the_reserve(used: int, free: int, gap_reason: RecordingGapReason) -> None:
    assert policy.gap_reason(used, free, RecordingLimits(timedelta(days=1), quota=100, reserve=10)) is gap_reason


def test_only_as_many_recordings_are_removed_as_needed() -> None:
    recordings = [replace(WHOLE, recording_id=f"x-{n}", size=40) for n in range(3)]
    limits = RecordingLimits(timedelta(days=1), quota=100, reserve=10)

    assert [r.recording_id for r in policy.over_quota(recordings, 120, limits)] == ["x-0"]
    assert [r.recording_id for r in policy.over_quota(recordings, 140, limits)] == ["x-0", "x-1"]
    assert list(policy.over_quota(recordings, 99, limits)) == []


async def test_only_the_owner_finds_recordings_of_a_suspended_user(site: RecordingSite) -> None:
    channel = site.channel
    await with_recordings(site, WHOLE)
    assert await site.recordings.find("x-1")

    await site.store.users.set_banned(ANN.user_id, banned=True)

    assert await site.recordings.watchable(channel.channel_id) == []
    assert await site.recordings.list_by_channel(channel.channel_id, 10) == []
    assert await site.recordings.id_of("x-1") == ""
    for look_up in (site.recordings.find("x-1"), site.recordings.get(channel.slug, "x-1")):
        with pytest.raises(NotFoundError):
            await look_up
    assert len((await site.recordings.library(ANN.user_id)).recordings) == 1
    await site.store.users.set_banned(ANN.user_id, banned=False)
    assert await site.recordings.find("x-1")
