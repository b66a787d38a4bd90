"""Reads of the store that concurrent pages share."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streaming_app.backend.adapters.stream_keys import SealedStreamKeys
from streaming_app.backend.bootstrap import Backend, now
from streaming_app.backend.media.recordings.model import Recording, RecordingLimits
from streaming_app.backend.media.recordings.service import RecordingService
from streaming_app.backend.streams.model import Publisher
from streaming_app.backend.streams.policy import StreamTimeouts
from streaming_app.backend.streams.service import StreamService
from streaming_app.state import services
from streaming_app.state.home import HomeState
from streaming_app.state.watch import WatchState
from tests.rig.audit import audit_log_of
from tests.rig.call_counting import count_calls
from tests.state.conftest import Tab

TABS = 50
MINUTE = timedelta(minutes=1)


@pytest.fixture
def reads() -> Counter[str]:
    """Counts of the calls of the store, by method."""
    return Counter()


@pytest.fixture
async def counting(backend: Backend, reads: Counter[str]) -> Backend:
    """The backend, with a store whose reads of channels, streams and recordings are counted."""
    store = backend.store
    users, channels, streams, recordings = (
        count_calls(part, reads) for part in (store.users, store.channels, store.streams, store.recordings)
    )
    keys = SealedStreamKeys(b"h" * 32, b"s" * 32)
    times = StreamTimeouts(MINUTE, MINUTE, MINUTE)
    return replace(
        backend,
        streams=StreamService(users, channels, streams, keys, backend.ingest, backend.bus, now, times),
        recordings=RecordingService(
            recordings, users, channels, streams, RecordingLimits(MINUTE, 1, 1), audit_log_of(store, now)
        ),
    )


@pytest.fixture
async def channel_id(backend: Backend, ana: Any) -> str:
    """The id of Ana's channel, which is live."""
    channel = await backend.channels.get_or_create(ana)
    key = await backend.channels.stream_key(ana.user_id)
    await backend.streams.start(channel.channel_id, key.partition("?key=")[2], Publisher("1", "", ""))
    return channel.channel_id


async def test_all_home_pages_share_one_read_after_a_change(
    counting: Backend, reads: Counter[str], channel_id: str
) -> None:
    tabs = [await Tab("http://site.test/").state(HomeState) for _ in range(TABS)]
    with services.using(counting):
        await asyncio.gather(*(HomeState.refresh.fn(tab, "d1") for tab in tabs))

    assert reads == {"all_open": 1, "get_many": 1}
    assert {tab.streams[0].channel_id for tab in tabs} == {channel_id}


async def test_a_home_page_does_not_get_an_outdated_list_after_the_next_change(
    counting: Backend, backend: Backend, channel_id: str, ana: Any
) -> None:
    tab = await Tab("http://site.test/").state(HomeState)
    with services.using(counting):
        await HomeState.refresh.fn(tab, "d1")
        before = tab.digest
        await backend.channels.set_title_and_category(ana.user_id, "Another title", "")
        await HomeState.refresh.fn(tab, "d2")

    assert tab.streams[0].title == "Another title"
    assert tab.digest not in ("", before)


async def test_all_watch_pages_share_one_read_of_the_recordings_after_the_end(
    counting: Backend, backend: Backend, reads: Counter[str], channel_id: str, ana: Any
) -> None:
    tabs = [await Tab("http://site.test/c/ana").state(WatchState) for _ in range(TABS)]
    await asyncio.gather(*(WatchState.open.fn(tab) for tab in tabs))
    stream = await backend.streams.latest(channel_id)
    await backend.store.recordings.add(
        Recording(stream.stream_id, channel_id, "Kept", "", datetime(2026, 11, 28, tzinfo=UTC), seconds=5.0)
    )
    await backend.streams.end(ana.user_id)

    with services.using(counting):
        await asyncio.gather(*(WatchState.stream_ended.fn(tab, stream.stream_id) for tab in tabs))

    assert reads == {"get": 1, "latest": 1, "shown_of_channel": 1}
    assert [[recording.title for recording in tab.recordings] for tab in tabs] == [["Kept"]] * TABS


async def test_a_page_opened_after_the_end_has_the_end_time_and_the_recording(
    backend: Backend, channel_id: str, ana: Any
) -> None:
    stream = await backend.streams.latest(channel_id)
    await backend.store.recordings.add(
        Recording(stream.stream_id, channel_id, "Kept", "", datetime(2026, 11, 28, tzinfo=UTC), seconds=5.0)
    )
    await backend.streams.end(ana.user_id)

    tab = await Tab("http://site.test/c/ana").state(WatchState)
    await WatchState.open.fn(tab)

    assert (tab.channel.state, tab.channel.started_at) == ("offline", "")
    assert tab.channel.ended_at.startswith("20")
    assert tab.channel.recording_id == tab.channel.stream_id == stream.stream_id
