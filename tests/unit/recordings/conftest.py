"""The recorder on a real store and real files, with a clock, an ingest and a packager that the test controls."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.local_bus import LocalBus
from streaming_app.backend.adapters.sqlite import SqliteStore, open_store
from streaming_app.backend.adapters.stream_keys import SealedStreamKeys
from streaming_app.backend.media.recordings import index_playlist
from streaming_app.backend.media.recordings.model import Recording, RecordingLimits
from streaming_app.backend.media.recordings.recorder import Recorder
from streaming_app.backend.media.recordings.recording_folder import INDEX
from streaming_app.backend.media.recordings.service import RecordingService
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.streams.channel_service import ChannelLimits, ChannelService
from streaming_app.backend.streams.model import Channel, Publisher, Stream
from streaming_app.backend.streams.policy import StreamTimeouts
from streaming_app.backend.streams.service import StreamService
from tests.rig.audit import audit_log_of
from tests.rig.fake_ingest import FakeIngest
from tests.rig.fake_packager import FakeChannel, FakePackager
from tests.rig.limits import unlimited

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ANN = User("u-ann", "Ann", "ann@example.com", "hash", NOON)
OBS = Publisher("1", "192.0.2.7", "OBS")
TIMES = StreamTimeouts(timedelta(seconds=20), timedelta(0), timedelta(seconds=15))
PLENTY = RecordingLimits(timedelta(days=30), quota=1_000_000, reserve=1)


def made_at(file: Path, instant: datetime) -> None:
    """Set the modification time of ``file``."""
    os.utime(file, (instant.timestamp(), instant.timestamp()))


class RecordingSite:
    """One channel that records, with all services that it needs."""

    def __init__(self, folder: Path, store: SqliteStore) -> None:
        self.now = NOON
        self.set_by = timedelta(0)
        """Offset of the wall clock, changed by ``set_clock``."""
        self.folder = folder
        self.store = store
        self.packager = FakePackager()
        self.ingest = FakeIngest()
        self.keys = SealedStreamKeys(hash_key=b"h" * 32, seal_key=b"s" * 32)
        bus = LocalBus(self.clock)
        self.streams = StreamService(
            store.users, store.channels, store.streams, self.keys, self.ingest, bus, self.clock, TIMES
        )
        self.channels = ChannelService(
            store.channels, store.streams, self.keys, bus, self.clock, ChannelLimits(unlimited(), unlimited())
        )
        self.storage = RecordingStorage(
            folder / "recordings", folder / "live", folder / "thumbnails", folder / "hidden"
        )
        self.channel: Channel
        self.recorder: Recorder
        self.restart(PLENTY)

    def clock(self) -> datetime:
        return self.now

    def monotonic(self) -> float:
        return (self.now - self.set_by - NOON).total_seconds()

    def set_clock(self, by: timedelta) -> None:
        """Set the wall clock forward or back. It dates everything that arrives afterwards."""
        self.now += by
        self.set_by += by
        for live in self.packager.channels.values():
            live.at += by

    def restart(self, limits: RecordingLimits) -> None:
        """Replace the recorder by a new one, which knows only what is stored."""
        self.recorder = Recorder(
            self.store.recordings, self.streams, self.packager, self.storage, limits, self.clock, self.monotonic
        )
        self.recordings = RecordingService(
            self.store.recordings,
            self.store.users,
            self.store.channels,
            self.store.streams,
            limits,
            audit_log_of(self.store, self.clock),
        )

    async def open(self) -> None:
        await self.store.users.add(ANN)
        self.channel = await self.channels.get_or_create(ANN)
        await self.channels.set_records(ANN.user_id, records=True)

    async def publish(self) -> tuple[Stream, FakeChannel]:
        """Connect an encoder, and let the packager play its stream."""
        channel_id = self.channel.channel_id
        stream = await self.streams.start(channel_id, self.keys.open(self.channel.key_sealed), OBS)
        self.ingest.connected[channel_id] = OBS.client_id
        live = self.packager.channels.get(channel_id)
        if live is None or live.has_ended:
            live = FakeChannel(self.folder / "live" / channel_id / "source", self.now, number=int(self.now.timestamp()))
            self.packager.channels[channel_id] = live
        live.begin()
        live.is_open = True
        return stream, live

    async def leave(self) -> None:
        """Disconnect the encoder, and end the stream."""
        live = self.packager.channels[self.channel.channel_id]
        live.is_open = False
        live.has_ended = True
        self.ingest.connected.clear()
        await self.streams.end(ANN.user_id)

    async def pass_seconds(self, seconds: float) -> None:
        """Let time pass, and run the recorder once."""
        self.now += timedelta(seconds=seconds)
        await self.recorder.run_once()

    async def only(self) -> Recording:
        """Return the only recording of the channel."""
        [recording] = await self.store.recordings.of_channel(self.channel.channel_id, 10)
        return recording

    def listed(self, recording_id: str) -> list[int]:
        """Return the segment numbers in a recording's index."""
        index = self.folder / "recordings" / recording_id / INDEX
        return [segment.number for segment in index_playlist.read_segments(index.read_text())]

    def kept(self) -> set[str]:
        """Return the ids of recordings that have files."""
        return {folder.name for folder in (self.folder / "recordings").glob("*")}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[RecordingSite]:
    async with open_store(":memory:") as store:
        site = RecordingSite(tmp_path, store)
        await site.open()
        yield site
