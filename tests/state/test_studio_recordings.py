"""Recordings in the studio and on public pages."""

from datetime import UTC, datetime, timedelta

from streaming_app.backend.accounts.model import User
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason
from streaming_app.backend.streams.model import Publisher
from streaming_app.state.recording import RecordingState
from streaming_app.state.session import SessionState, refresh_user
from streaming_app.state.studio import StudioState
from streaming_app.state.studio_recordings import StudioRecordings
from streaming_app.state.watch import WatchState
from tests.state.conftest import Tab

START = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def opened(tab: Tab) -> StudioRecordings:
    await refresh_user(await tab.state(SessionState))
    await StudioState.open.fn(await tab.state(StudioState))
    recordings = await tab.state(StudioRecordings)
    await StudioRecordings.open.fn(recordings)
    return recordings


async def with_recording(backend: Backend, owner: User, recording_id: str = "r-1") -> Recording:
    channel = await backend.channels.get_or_create(owner)
    recording = Recording(
        recording_id, channel.channel_id, "Tonight", "", START, 60.0, 5_000_000_000, ended_at=START + timedelta(hours=1)
    )
    await backend.store.recordings.add(recording)
    return recording


async def test_recording_is_off_by_default(backend: Backend, ana_token: str) -> None:
    recordings = await opened(Tab(token=ana_token))
    assert (recordings.records, recordings.recordings, recordings.kept_days) == (False, [], 30)

    returned = await StudioRecordings.record.fn(recordings, True)  # noqa: FBT003 - as the switch calls it

    assert "Your streams will be recorded" in str(returned)
    assert recordings.records
    assert (await backend.channels.by_slug("ana")).records

    await StudioRecordings.record.fn(recordings, False)  # noqa: FBT003 - as the switch calls it
    assert not (await backend.channels.by_slug("ana")).records


async def test_the_owner_sees_the_recordings_and_their_size(backend: Backend, ana: User, ana_token: str) -> None:
    await with_recording(backend, ana)
    key = await backend.channels.stream_key(ana.user_id)
    channel_id, _, secret = key.partition("?key=")
    stream = await backend.streams.start(channel_id, secret, Publisher("1", "127.0.0.1", "OBS"))
    await backend.store.recordings.add(
        Recording(stream.stream_id, channel_id, "Now", "", stream.started_at, gap_reason=RecordingGapReason.DISK)
    )
    recordings = await opened(Tab(token=ana_token))

    assert [recording.title for recording in recordings.recordings] == ["Tonight"]
    assert (recordings.used, recordings.quota, recordings.used_percent) == ("5.0 GB", "20 GB", 25)

    await backend.streams.end(ana.user_id)
    await StudioRecordings.refresh.fn(recordings, "offline")

    assert [(recording.title, bool(recording.note)) for recording in recordings.recordings] == [
        ("Now", True),
        ("Tonight", False),
    ]


async def test_the_recordings_are_loaded_again_when_a_stream_starts_or_ends(
    backend: Backend, ana: User, ana_token: str
) -> None:
    tab = Tab(token=ana_token)
    recordings = await opened(tab)
    studio = await tab.state(StudioState)
    channel_id, _, secret = (await backend.channels.stream_key(ana.user_id)).partition("?key=")

    async def refresh_loads(state: str, recording_id: str) -> bool:
        await with_recording(backend, ana, recording_id)
        await StudioState.refresh.fn(studio, state)
        await StudioRecordings.refresh.fn(recordings, state)
        return recording_id in [recording.recording_id for recording in recordings.recordings]

    await backend.streams.start(channel_id, secret, Publisher("1", "127.0.0.1", "OBS"))
    assert await refresh_loads("live", "r-started")
    await backend.channels.set_title_and_category(ana.user_id, "Another title", "")
    assert not await refresh_loads("live", "r-title")
    await backend.streams.end(ana.user_id)
    assert await refresh_loads("offline", "r-ended")


async def test_a_deleted_recording_disappears_at_once(backend: Backend, ana: User, ana_token: str) -> None:
    await with_recording(backend, ana)
    tab = Tab(token=ana_token)
    recordings = await opened(tab)

    returned = await StudioRecordings.delete.fn(recordings, "r-1")

    assert "deleted" in str(returned)
    assert (recordings.recordings, recordings.used) == ([], "0 bytes")
    assert await backend.store.recordings.removed(10) == ["r-1"]


async def test_a_user_cannot_delete_recordings_of_another_channel(backend: Backend, ana_token: str) -> None:
    bob = User("u-bob", "Bob", "bob@example.com", "hash", START)
    await backend.store.users.add(bob)
    await with_recording(backend, bob)
    recordings = await opened(Tab(token=ana_token))

    returned = await StudioRecordings.delete.fn(recordings, "r-1")

    assert "Only the channel's owner" in str(returned)
    assert await backend.store.recordings.removed(10) == []


async def test_the_recordings_are_cleared_when_the_session_has_ended(
    backend: Backend, ana: User, ana_token: str
) -> None:
    await with_recording(backend, ana)
    tab = Tab(token=ana_token)
    recordings = await opened(tab)
    await backend.accounts.sessions.sign_out(ana_token)

    returned = await StudioRecordings.record.fn(recordings, True)  # noqa: FBT003 - as the switch calls it
    assert "signed out" in str(returned)
    returned = await StudioRecordings.delete.fn(recordings, "r-1")
    assert "signed out" in str(returned)

    assert recordings.recordings == []
    assert "Tonight" not in tab.shown()
    assert await backend.store.recordings.removed(10) == []
    assert not (await backend.channels.by_slug("ana")).records


async def test_viewers_see_the_recordings_of_a_channel(backend: Backend, ana: User) -> None:
    await with_recording(backend, ana)
    watch = await Tab("http://site.test/c/ana").state(WatchState)

    await WatchState.open.fn(watch)

    assert [recording.recording_id for recording in watch.recordings] == ["r-1"]


async def test_a_recording_has_a_page_with_the_others_of_its_channel(backend: Backend, ana: User) -> None:
    await with_recording(backend, ana)
    await with_recording(backend, ana, "r-2")
    state = await Tab("http://site.test/c/ana/r/r-1").state(RecordingState)

    await RecordingState.open.fn(state)

    assert (state.missing, state.recording.title, state.channel.slug) == (False, "Tonight", "ana")
    assert [other.recording_id for other in state.others] == ["r-2"]


async def test_an_unknown_recording_has_no_page(backend: Backend, ana: User) -> None:
    await with_recording(backend, ana)

    for path in ("/c/ana/r/r-3", "/c/bob/r/r-1"):
        state = await Tab(f"http://site.test{path}").state(RecordingState)
        await RecordingState.open.fn(state)
        assert state.missing
