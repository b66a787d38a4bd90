"""Recordings of real streams, with encoder, nginx, packager and recorder."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import m3u8
import pytest

from streaming_app.backend.accounts.staff import OPERATOR_STAFF
from streaming_app.backend.bootstrap import now
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.packager.server import open_packager
from streaming_app.backend.streams.model import StreamState
from streaming_app.backend.workers import recorder, thumbnails
from tests.rig.conditions import until_async
from tests.rig.nginx import nginx_settings
from tests.rig.ports import HOST
from tests.rig.processes import Process
from tests.rtmp.conftest import Ingest, Owner, running_ingest

SEGMENT_SECONDS = 1
"""Length of a segment of the tests' encoder. Audio and video of a killed encoder differ by up to this length."""
ROOT = Path(__file__).parents[2]


@pytest.fixture
def reconnect_grace() -> float:
    """How many seconds a stream waits for its publisher. Few, because most tests wait until it is over."""
    return 2


@pytest.fixture
async def ingest(tmp_path: Path, reconnect_grace: float) -> AsyncIterator[Ingest]:
    """nginx and the packager, with the live folder on another file system if possible."""
    settings = nginx_settings(tmp_path, reconnect_grace=reconnect_grace, end_hold=1, thumbnail_interval=1)
    async with running_ingest(settings, tmp_path) as ingest, open_packager(settings), ingest.web():
        yield ingest


async def until_recorded(ingest: Ingest, owner: Owner, seconds: float) -> Recording:
    """Wait until the channel's newest recording has this length, and return it."""

    async def is_long() -> bool:
        recordings = await ingest.backend.store.recordings.of_channel(owner.channel.channel_id, 1)
        return bool(recordings) and recordings[0].seconds >= seconds

    await until_async(is_long, f"{seconds:g} s were recorded")
    return (await ingest.backend.store.recordings.of_channel(owner.channel.channel_id, 1))[0]


async def until_finished(ingest: Ingest, recording: Recording) -> Recording:
    async def is_finished() -> bool:
        return (await ingest.backend.store.recordings.get(recording.recording_id)).ended_at is not None

    await until_async(is_finished, "the recording was finished")
    return await ingest.backend.store.recordings.get(recording.recording_id)


async def playlist_of(ingest: Ingest, recording: Recording) -> m3u8.M3U8:
    answer = await ingest.browser.get(f"/recordings/{recording.recording_id}/index.m3u8")
    assert answer.status_code == 200
    return m3u8.loads(answer.text)


async def probe(ingest: Ingest, recording: Recording) -> float:
    """Decode the recording with ffprobe, and return its length in seconds."""
    url = f"http://{HOST}:{ingest.settings.http_port}/recordings/{recording.recording_id}/index.m3u8"
    # fmt: off
    command = ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
               "stream=nb_read_frames", "-of", "csv=p=0", "-allowed_extensions", "ALL", url]
    # fmt: on
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert complained.decode() == ""
    return int(said.decode().split()[0].strip(",")) / 30


async def test_a_stream_is_recorded_from_its_first_frame_to_its_last(ingest: Ingest, ada: Owner) -> None:
    await ingest.backend.channels.set_records(ada.user_id, records=True)
    for worker in (recorder, thumbnails):
        task = asyncio.create_task(worker.run(ingest.backend))
        ingest.stack.callback(task.cancel)
    encoder = ingest.publish(ada.stream_key)
    await until_recorded(ingest, ada, 3)

    await asyncio.to_thread(encoder.stop)
    await ingest.until_state(ada, StreamState.OFFLINE)
    recording = await until_finished(ingest, await until_recorded(ingest, ada, 3))

    playlist = await playlist_of(ingest, recording)
    assert (playlist.playlist_type, playlist.is_endlist) == ("vod", True)
    assert sum(s.duration or 0 for s in playlist.segments) == pytest.approx(recording.seconds, abs=0.01)
    assert all(s.program_date_time for s in playlist.segments)
    assert await probe(ingest, recording) == pytest.approx(recording.seconds, abs=0.1)
    folder = ingest.settings.data_dir / "recordings" / recording.recording_id
    assert recording.size == sum(f.stat().st_size for f in folder.iterdir() if f.suffix in {".m4s", ".mp4"})
    initialization = playlist.segments[0].init_section
    assert initialization
    for name in (playlist.segments[0].uri, initialization.uri):
        answer = await ingest.browser.get(f"/recordings/{recording.recording_id}/{name}")
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "immutable" in answer.headers["cache-control"]
    assert (await ingest.browser.get(f"/recordings/{recording.recording_id}/poster.jpg")).status_code == 200


async def test_a_recorder_killed_twice_neither_loses_nor_repeats_segments(ingest: Ingest, ada: Owner) -> None:
    await ingest.backend.channels.set_records(ada.user_id, records=True)
    program = f"""
import asyncio
from streaming_app.backend.bootstrap import open_backend
from streaming_app.backend.config import Settings
from streaming_app.backend.workers import recorder

async def main():
    async with open_backend(Settings.model_validate_json({ingest.settings.model_dump_json()!r})) as backend:
        await recorder.run(backend)

asyncio.run(main())
"""
    encoder = ingest.publish(ada.stream_key)
    recording = None
    for seconds in (2, 5, 8):
        process = Process("recorder", [sys.executable, "-c", program], ingest.folder / "recorder.log", folder=ROOT)
        ingest.stack.callback(process.stop)
        recording = await until_recorded(ingest, ada, seconds)
        process.kill()
    assert recording is not None

    await asyncio.to_thread(encoder.stop)
    await ingest.until_state(ada, StreamState.OFFLINE)
    task = asyncio.create_task(recorder.run(ingest.backend))
    ingest.stack.callback(task.cancel)
    recording = await until_finished(ingest, recording)

    playlist = await playlist_of(ingest, recording)
    numbers = [int((segment.uri or "").removesuffix(".m4s")) for segment in playlist.segments]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert not any(segment.discontinuity for segment in playlist.segments)
    assert await probe(ingest, recording) == pytest.approx(recording.seconds, abs=0.1)


@pytest.mark.parametrize("reconnect_grace", [4])
async def test_a_returning_publisher_continues_the_same_recording(ingest: Ingest, ada: Owner) -> None:
    await ingest.backend.channels.set_records(ada.user_id, records=True)
    task = asyncio.create_task(recorder.run(ingest.backend))
    ingest.stack.callback(task.cancel)
    encoder = ingest.publish(ada.stream_key)
    before = await until_recorded(ingest, ada, 2)
    await asyncio.to_thread(encoder.kill)
    await ingest.until_state(ada, StreamState.RECONNECTING)

    encoder = ingest.publish(ada.stream_key)
    await until_recorded(ingest, ada, before.seconds + 3)
    await asyncio.to_thread(encoder.stop)
    await ingest.until_state(ada, StreamState.OFFLINE)
    recording = await until_finished(ingest, before)

    playlist = await playlist_of(ingest, recording)
    assert sum(segment.discontinuity for segment in playlist.segments) == 1
    assert await probe(ingest, recording) == pytest.approx(recording.seconds, abs=SEGMENT_SECONDS)


async def test_a_recording_continues_after_a_restart_of_the_packager(tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path, reconnect_grace=4, end_hold=1)
    async with running_ingest(settings, tmp_path) as ingest, ingest.web():
        ada = await ingest.new_owner("Ada")
        await ingest.backend.channels.set_records(ada.user_id, records=True)
        task = asyncio.create_task(recorder.run(ingest.backend))
        ingest.stack.callback(task.cancel)
        encoder = ingest.publish(ada.stream_key)
        async with open_packager(settings):
            before = await until_recorded(ingest, ada, 2)
        async with open_packager(settings):
            await until_recorded(ingest, ada, before.seconds + 2)
            await asyncio.to_thread(encoder.stop)
            await ingest.until_state(ada, StreamState.OFFLINE)
            recording = await until_finished(ingest, before)

        playlist = await playlist_of(ingest, recording)
        numbers = [int((segment.uri or "").removesuffix(".m4s")) for segment in playlist.segments]
        assert numbers == sorted(set(numbers))
        assert sum(segment.discontinuity for segment in playlist.segments) == 1
        assert await probe(ingest, recording) == pytest.approx(recording.seconds, abs=SEGMENT_SECONDS)


async def leave(ingest: Ingest, owner: Owner) -> None:
    user = await ingest.backend.store.users.get(owner.user_id)
    await ingest.backend.account_data.deletion.order(OPERATOR_STAFF, user, at_once=False)


async def come_back(ingest: Ingest, owner: Owner) -> None:
    assert await ingest.backend.store.account_deletions.cancel(owner.user_id, now())
    await ingest.backend.account_data.deletion.match_channel(owner.user_id)


async def suspend(ingest: Ingest, owner: Owner) -> None:
    await ingest.backend.users.suspend(OPERATOR_STAFF, owner.user_id, "", "no end")


async def unsuspend(ingest: Ingest, owner: Owner) -> None:
    await ingest.backend.users.unsuspend(OPERATOR_STAFF, owner.user_id)


async def test_files_of_leaving_and_suspended_users_are_not_served(ingest: Ingest, ada: Owner, bob: Owner) -> None:
    for owner in (ada, bob):
        await ingest.backend.channels.set_records(owner.user_id, records=True)
    tasks = [asyncio.create_task(worker.run(ingest.backend)) for worker in (recorder, thumbnails)]
    for task in tasks:
        ingest.stack.callback(task.cancel)
    files: dict[str, list[str]] = {}
    for owner in (ada, bob):
        encoder = ingest.publish(owner.stream_key)
        recording = await until_recorded(ingest, owner, 2)
        [segment, *_] = await ingest.until_video(owner)
        folder, channel_id = f"/recordings/{recording.recording_id}", owner.channel.channel_id
        playlist = await playlist_of(ingest, recording)
        files[owner.user_id] = [
            f"{folder}/index.m3u8",
            f"{folder}/poster.jpg",
            f"{folder}/{playlist.segments[0].uri}",
            f"/thumbnails/{channel_id}.jpg",
            f"/thumbnails/{channel_id}-{recording.recording_id}.jpg",
            f"/hls/{channel_id}/{segment}",
        ]

        async def is_served(owner: Owner = owner) -> bool:
            return set(await answers(ingest, files[owner.user_id])) == {200}

        await until_async(is_served, "everything was served")
        await asyncio.to_thread(encoder.stop)
        await ingest.until_state(owner, StreamState.OFFLINE)
    stored = {owner.user_id: files[owner.user_id][:3] for owner in (ada, bob)}

    for hide, show in ((leave, come_back), (suspend, unsuspend)):
        await hide(ingest, ada)
        await until_answered(ingest, files[ada.user_id], 404)
        assert set(await answers(ingest, stored[bob.user_id])) == {200}
        await show(ingest, ada)
        await until_answered(ingest, stored[ada.user_id], 200)

    tasks[0].cancel()
    await asyncio.wait(tasks[:1])
    await suspend(ingest, ada)
    restarted = asyncio.create_task(recorder.run(ingest.backend))
    ingest.stack.callback(restarted.cancel)
    await until_answered(ingest, stored[ada.user_id], 404)


async def answers(ingest: Ingest, paths: list[str]) -> list[int]:
    return [(await ingest.browser.get(path)).status_code for path in paths]


async def until_answered(ingest: Ingest, paths: list[str], status: int) -> None:
    async def is_so() -> bool:
        return set(await answers(ingest, paths)) == {status}

    await until_async(is_so, f"all answers were {status}")


async def test_a_deleted_recording_is_not_served(ingest: Ingest, ada: Owner) -> None:
    await ingest.backend.channels.set_records(ada.user_id, records=True)
    task = asyncio.create_task(recorder.run(ingest.backend))
    ingest.stack.callback(task.cancel)
    encoder = ingest.publish(ada.stream_key)
    recording = await until_recorded(ingest, ada, 2)
    await asyncio.to_thread(encoder.stop)
    await ingest.until_state(ada, StreamState.OFFLINE)
    recording = await until_finished(ingest, recording)
    playlist = await playlist_of(ingest, recording)

    await ingest.backend.recordings.delete(ada.user_id, recording.recording_id)

    async def is_gone() -> bool:
        answer = await ingest.browser.get(f"/recordings/{recording.recording_id}/{playlist.segments[0].uri}")
        return answer.status_code == 404

    await until_async(is_gone, "the files were gone")
    assert (await ingest.browser.get(f"/recordings/{recording.recording_id}/index.m3u8")).status_code == 404
