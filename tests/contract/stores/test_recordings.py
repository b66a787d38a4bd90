"""Recordings, with the same behaviour in both stores."""

from dataclasses import replace
from datetime import timedelta

import pytest

from streaming_app.backend.adapters.store import Store
from streaming_app.backend.errors import ConflictError, NotFoundError
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason
from tests.contract.stores.samples import MILLISECOND, NOW, channel, user

RUNNING = Recording("x-1", "c-ann", "Рисую 🐈", "Art", NOW)
WHOLE = replace(
    RUNNING, seconds=61.234, size=5_000_000_000, gap_reason=RecordingGapReason.DISK, ended_at=NOW + timedelta(hours=1)
)


def whole(number: int, **changes: object) -> Recording:
    """Return the recording that started in hour ``number`` and ended in the next hour."""
    start = NOW + timedelta(hours=number)
    return replace(
        RUNNING, recording_id=f"x-{number}", started_at=start, ended_at=start + timedelta(hours=1), size=100, **changes
    )


@pytest.mark.parametrize("recording", [RUNNING, WHOLE])
async def test_a_recording_is_read_as_it_was_stored(store: Store, recording: Recording) -> None:
    await store.recordings.add(recording)

    assert await store.recordings.get("x-1") == recording


async def test_unknown_recordings_are_not_found(store: Store) -> None:
    await store.recordings.add(RUNNING)

    with pytest.raises(NotFoundError, match="There is no such recording"):
        await store.recordings.get("c-ann")
    assert not await store.recordings.update(replace(RUNNING, recording_id="x-2"))
    assert not await store.recordings.remove("x-2")


async def test_a_stream_has_one_recording(store: Store) -> None:
    await store.recordings.add(WHOLE)

    with pytest.raises(ConflictError):
        await store.recordings.add(RUNNING)

    assert await store.recordings.get("x-1") == WHOLE


async def test_a_recording_can_grow_until_it_ends(store: Store) -> None:
    await store.recordings.add(RUNNING)
    grown = replace(RUNNING, title="Another", category="", seconds=2.5, size=1000, gap_reason=RecordingGapReason.QUOTA)

    assert await store.recordings.update(grown)
    assert await store.recordings.get("x-1") == grown
    assert await store.recordings.unfinished() == [grown]

    assert await store.recordings.update(replace(grown, ended_at=NOW))
    assert await store.recordings.unfinished() == []

    assert not await store.recordings.update(RUNNING)
    assert await store.recordings.get("x-1") == replace(grown, ended_at=NOW)


async def test_the_stream_of_a_recording_does_not_change(store: Store) -> None:
    await store.recordings.add(RUNNING)

    await store.recordings.update(replace(RUNNING, channel_id="c-bob", started_at=NOW + timedelta(hours=1)))

    assert await store.recordings.get("x-1") == RUNNING


async def test_recordings_of_a_channel_are_ordered_newest_first(store: Store) -> None:
    for number in (2, 1, 3):
        await store.recordings.add(whole(number))
    await store.recordings.add(whole(4, channel_id="c-bob"))
    await store.recordings.add(replace(RUNNING, recording_id="x-5", started_at=NOW + timedelta(hours=5)))

    newest = await store.recordings.of_channel("c-ann", 3)

    assert [recording.recording_id for recording in newest] == ["x-5", "x-3", "x-2"]
    assert await store.recordings.of_channel("c-ann", 0) == []


async def test_ended_recordings_of_a_channel_are_ordered_oldest_first(store: Store) -> None:
    await store.recordings.add(RUNNING)
    for number in (4, 2, 3):
        await store.recordings.add(whole(number))
    await store.recordings.add(whole(0, channel_id="c-bob"))

    oldest = await store.recordings.oldest("c-ann", 2)

    assert [recording.recording_id for recording in oldest] == ["x-2", "x-3"]


async def test_recordings_that_ended_before_a_time_are_ordered_oldest_first(store: Store) -> None:
    await store.recordings.add(replace(RUNNING, recording_id="x-0"))
    for number in (3, 1, 2):
        await store.recordings.add(whole(number))

    ended = await store.recordings.ended_before(NOW + timedelta(hours=4), 10)

    assert [recording.recording_id for recording in ended] == ["x-1", "x-2"]
    assert len(await store.recordings.ended_before(NOW + timedelta(hours=9), 1)) == 1


async def test_the_usage_of_a_channel_is_the_size_of_its_recordings(store: Store) -> None:
    assert await store.recordings.usage("c-ann") == 0

    for recording in (WHOLE, whole(2), whole(3, channel_id="c-bob")):
        await store.recordings.add(recording)

    assert await store.recordings.usage("c-ann") == 5_000_000_100


@pytest.mark.parametrize("recording", [RUNNING, WHOLE])
async def test_a_removed_recording_is_listed_only_for_the_deletion_of_its_files(
    store: Store, recording: Recording
) -> None:
    await store.recordings.add(recording)
    await store.recordings.add(whole(2))
    assert await store.recordings.removed(10) == []

    assert await store.recordings.remove("x-1")

    with pytest.raises(NotFoundError):
        await store.recordings.get("x-1")
    assert [r.recording_id for r in await store.recordings.of_channel("c-ann", 10)] == ["x-2"]
    assert [r.recording_id for r in await store.recordings.oldest("c-ann", 10)] == ["x-2"]
    assert [r.recording_id for r in await store.recordings.ended_before(NOW + timedelta(days=1), 10)] == ["x-2"]
    assert await store.recordings.unfinished() == []
    assert await store.recordings.usage("c-ann") == 100
    assert not await store.recordings.update(recording)
    assert not await store.recordings.remove("x-1")
    assert await store.recordings.removed(10) == ["x-1"]
    with pytest.raises(ConflictError):
        await store.recordings.add(recording)


async def test_a_forgotten_recording_leaves_no_data(store: Store) -> None:
    await store.recordings.add(WHOLE)
    await store.recordings.remove("x-1")

    await store.recordings.forget("x-1")
    await store.recordings.forget("x-1")

    assert await store.recordings.removed(10) == []
    await store.recordings.add(RUNNING)


async def test_only_a_removed_recording_can_be_forgotten(store: Store) -> None:
    await store.recordings.add(WHOLE)

    await store.recordings.forget("x-1")

    assert await store.recordings.get("x-1") == WHOLE


async def test_the_recordings_of_a_channel_are_listed_in_pages(store: Store) -> None:
    recordings = [replace(RUNNING, recording_id=f"r-{n}", started_at=NOW + n // 2 * MILLISECOND) for n in range(5)]
    for recording in recordings:
        await store.recordings.add(recording)

    found = await store.recordings.of_channel(RUNNING.channel_id, 2)
    while len(found) < 5:
        last = found[-1]
        found += await store.recordings.of_channel(last.channel_id, 2, (last.started_at, last.recording_id))

    assert found == recordings[::-1]
    assert await store.recordings.of_channel(RUNNING.channel_id, 2, (NOW, "r-0")) == []


async def test_files_of_suspended_and_leaving_users_are_hidden(store: Store) -> None:
    for name in ("ann", "bob", "eve"):
        await store.users.add(user(name))
        await store.channels.add(channel(name))
        await store.recordings.add(replace(RUNNING, recording_id=f"x-{name}", channel_id=f"c-{name}"))
    await store.recordings.remove("x-bob")
    assert await store.recordings.hidden() == set()

    await store.users.set_banned("u-ann", banned=True)
    await store.account_deletions.set_channel_hidden("u-bob", hidden=True)

    assert await store.recordings.hidden() == {"c-ann", "x-ann", "c-bob", "x-bob"}
    shown = [await store.recordings.shown_of_channel(f"c-{name}", 9) for name in ("ann", "bob", "eve", "nobody")]
    assert [len(recordings) for recordings in shown] == [0, 0, 1, 0]
    await store.users.set_banned("u-ann", banned=False)
    await store.account_deletions.set_channel_hidden("u-bob", hidden=False)
    assert await store.recordings.hidden() == set()
