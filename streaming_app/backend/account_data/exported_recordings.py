"""The videos and pictures of a channel in the export of an account."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from streaming_app.backend.account_data.archive import Member
from streaming_app.backend.media.recordings.model import Recording
from streaming_app.backend.media.recordings.ports import Recordings
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.media.recordings.urls import recording_page, recording_playlist
from streaming_app.backend.streams.model import Channel

PAGE = 100
"""Number of recordings that are read at once."""


class ExportedRecordings:
    """Copies the files of a channel's recordings into one archive.

    The recorder may delete a recording at any time, and its files may be on another machine. What could not be copied
    is listed in ``missing``, and the archive remains valid.
    """

    def __init__(self, recordings: Recordings, storage: RecordingStorage, site_url: str, channel: Channel) -> None:
        self._recordings = recordings
        self._storage = storage
        self._site_url = site_url
        self._channel = channel
        self.missing: list[str] = []
        """A line for each file that is missing or incomplete."""
        self.files: dict[str, list[str]] = {}
        """Names of the copied files, by the id of the recording."""

    async def all(self) -> list[Recording]:
        """Return the channel's recordings, newest first."""
        found: list[Recording] = []
        while page := await self._recordings.of_channel(
            self._channel.channel_id, PAGE, (found[-1].started_at, found[-1].recording_id) if found else None
        ):
            found += page
        return found

    async def members(self, recordings: Sequence[Recording]) -> AsyncGenerator[Member]:
        """Yield the pictures of the channel and of its recordings, and the videos."""
        picture = self._storage.thumbnail(self._channel.channel_id)
        with suppress(OSError):  # the channel never streamed, or on another machine
            yield Member("thumbnail.jpg", [await asyncio.to_thread(picture.read_bytes)], is_compressed=False)
        for recording in recordings:
            async for member in self._members_of(recording):
                yield member

    def about(self, recording: Recording) -> dict[str, object]:
        """Return where the recording is, in the archive and on the site."""
        return {
            "page": self._site_url + recording_page(self._channel.slug, recording.recording_id),
            "playlist": self._site_url + recording_playlist(recording.recording_id),
            "files": self.files.get(recording.recording_id, []),
        }

    async def _members_of(self, recording: Recording) -> AsyncGenerator[Member]:
        base = f"recordings/{recording.started_at:%Y-%m-%d-%H%M}-{recording.recording_id}"
        poster = self._storage.poster(recording.recording_id)
        if await asyncio.to_thread(poster.exists):
            yield self._member(recording, f"{base}.jpg", _content(poster))
        videos = await asyncio.to_thread(self._storage.videos, recording.recording_id)
        if recording.seconds and not videos:
            self._miss(recording, f"{base}.mp4", "is missing")
        for number, video in enumerate(videos, 1):
            name = f"{base}.mp4" if number == 1 else f"{base}-{number}.mp4"
            size = await asyncio.to_thread(video.size)
            if size:
                yield self._member(recording, name, video.chunks(), size)
            else:
                self._miss(recording, name, "is missing")

    def _member(self, recording: Recording, name: str, content: Iterable[bytes], size: int = 0) -> Member:
        self.files.setdefault(recording.recording_id, []).append(name)
        return Member(name, self._existing(recording, name, content), is_compressed=False, size=size)

    def _existing(self, recording: Recording, name: str, content: Iterable[bytes]) -> Iterator[bytes]:
        try:
            yield from content
        except OSError:  # deleted meanwhile, or on a disk that fails
            self._miss(recording, name, "is incomplete")

    def _miss(self, recording: Recording, name: str, problem: str) -> None:
        page = self._site_url + recording_page(self._channel.slug, recording.recording_id)
        self.missing.append(f"{name} {problem}: see {page}")


def _content(picture: Path) -> Iterator[bytes]:
    yield picture.read_bytes()
