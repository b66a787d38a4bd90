"""Makes recordings: round by round, what the packager has cut since the last round goes into their folders."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from streaming_app.backend.clock import ClockWatch
from streaming_app.backend.errors import ConflictError
from streaming_app.backend.media.ports import LivePlaylists, PackagerUnavailableError
from streaming_app.backend.media.recordings import hls, policy
from streaming_app.backend.media.recordings.folder import RecordingFolder
from streaming_app.backend.media.recordings.folders import Folders
from streaming_app.backend.media.recordings.hls import Playlist, Segment
from streaming_app.backend.media.recordings.model import Recording, Shortage, Terms
from streaming_app.backend.media.recordings.ports import Recordings
from streaming_app.backend.streams.model import Broadcast
from streaming_app.backend.streams.service import StreamService

log = logging.getLogger(__name__)

EARLY = timedelta(seconds=2)
"""By so much a stream's first segment may seem to begin before it: encoders send what they have saved up at once."""
PATIENCE = timedelta(seconds=60)
"""For so long the packager may not answer, after a stream's end, before its recording is finished without it."""
STEADY = timedelta(hours=1)
"""Nothing is removed for its age before the wall clock has been steady for so long: a wrong one makes all look old."""
POSTER_AGAIN_SECONDS = 60.0
"""The picture is taken when there is one, and once more behind the first minute, when the show has begun."""
TIDY_INTERVAL = timedelta(seconds=5)
BATCH = 100

_WORDS = {
    Shortage.DISK: "the disk is fuller than RECORDING_RESERVE allows",
    Shortage.QUOTA: "it alone fills the channel's RECORDING_QUOTA",
}


class Recorder:
    """What it knows between rounds is on disk and in the store; what it keeps in memory only saves reading it again."""

    def __init__(
        self,
        recordings: Recordings,
        streams: StreamService,
        playlists: LivePlaylists,
        folders: Folders,
        terms: Terms,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self._recordings = recordings
        self._streams = streams
        self._playlists = playlists
        self._folders = folders
        self._terms = terms
        self._now = now
        self._clock = clock
        self._watch = ClockWatch(now, clock)
        self._opened: dict[str, RecordingFolder] = {}
        self._finished: set[str] = set()
        """Recordings that ended before their stream did."""
        self._pictured: dict[str, float] = {}
        """How long each recording was when its picture was taken."""
        self._taken: dict[str, int] = {}
        """The number of the last segment of each channel that is in any recording."""
        self._mute_since: dict[str, float] = {}
        """Since when the packager has not answered, by recording, on the monotonic clock."""
        self._tidy_at = clock()

    async def go(self) -> None:
        """One round; raises ``ExceptionGroup`` when some recordings could not be gone on with."""
        open_streams = {broadcast.channel.channel_id: broadcast for broadcast in await self._streams.live()}
        unfinished = {recording.recording_id: recording for recording in await self._recordings.unfinished()}
        for broadcast in open_streams.values():
            if broadcast.channel.records and broadcast.stream.stream_id not in unfinished:
                await self._begin(broadcast, unfinished)
        outcomes = await asyncio.gather(
            *(self._go_on(recording, open_streams.get(recording.channel_id)) for recording in unfinished.values()),
            return_exceptions=True,
        )
        if self._clock() >= self._tidy_at:
            self._tidy_at = self._clock() + TIDY_INTERVAL.total_seconds()
            await self._tidy(unfinished)
        self._finished &= {broadcast.stream.stream_id for broadcast in open_streams.values()}
        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failures:
            message = f"{len(failures)} of {len(outcomes)} recordings could not be gone on with"
            raise ExceptionGroup(message, failures)

    async def _begin(self, broadcast: Broadcast, unfinished: dict[str, Recording]) -> None:
        stream = broadcast.stream
        if stream.stream_id in self._finished:
            return
        recording = Recording(stream.stream_id, stream.channel_id, stream.title, stream.category, stream.started_at)
        try:
            await self._recordings.add(recording)
        except ConflictError:
            self._finished.add(stream.stream_id)
            return
        log.info("Channel %s is recorded: %s", stream.channel_id, stream.stream_id)
        unfinished[stream.stream_id] = recording

    async def _go_on(self, before: Recording, broadcast: Broadcast | None) -> None:
        """Take what is new; ``broadcast`` is the open stream of the recording's channel, perhaps another one."""
        folder = await self._folder(before.recording_id)
        is_live = broadcast is not None and broadcast.stream.stream_id == before.recording_id
        playlist = await self._playlist(before.channel_id)
        until = broadcast.stream.started_at - EARLY if broadcast and not is_live else None
        recording = before
        if broadcast and is_live:
            recording = replace(before, title=broadcast.stream.title, category=broadcast.stream.category)
        if playlist:
            recording = await self._take(recording, folder, self._new_segments(before, folder, playlist, until))
        is_over = not broadcast.channel.records if broadcast and is_live else self._is_over(before, playlist, until)
        await self._take_picture(recording, folder)
        if is_over:
            await self._finish(recording, folder)
        elif recording != before:
            await self._recordings.update(recording)

    def _new_segments(
        self, recording: Recording, folder: RecordingFolder, playlist: Playlist, until: datetime | None
    ) -> list[Segment]:
        """Segments of the recording's stream that the recording does not have yet."""
        channel_id = recording.channel_id
        after = folder.last_number if folder.last_number >= 0 else self._taken.get(channel_id, -1)
        since = recording.started_at - EARLY if folder.last_number < 0 else None
        return policy.new_segments(playlist.segments, after, since, until)

    async def _take(self, recording: Recording, folder: RecordingFolder, new: list[Segment]) -> Recording:
        if new:
            shortage = await self._shortage(recording.channel_id)
            if shortage and shortage != recording.shortage:
                log.warning("Channel %s is not recorded now: %s", recording.channel_id, _WORDS[shortage])
            if shortage:
                recording = replace(recording, shortage=shortage)
            else:
                await asyncio.to_thread(folder.append, new, self._folders.live(recording.channel_id))
                self._taken[recording.channel_id] = folder.last_number
        return replace(recording, seconds=round(folder.seconds, 3), size=folder.size)

    async def _shortage(self, channel_id: str) -> Shortage:
        used = await self._recordings.usage(channel_id)
        if used >= self._terms.quota:
            await self._make_room(channel_id, used)
            used = await self._recordings.usage(channel_id)
        return policy.shortage(used, await asyncio.to_thread(self._folders.free), self._terms)

    async def _make_room(self, channel_id: str, used: int) -> None:
        oldest_first = await self._recordings.oldest(channel_id, BATCH)
        for old in policy.beyond_quota(oldest_first, used, self._terms):
            log.info("Recording %s goes: channel %s has filled its quota", old.recording_id, channel_id)
            await self._recordings.remove(old.recording_id)

    def _is_over(self, recording: Recording, playlist: Playlist | None, until: datetime | None) -> bool:
        """Whether nothing more can come of a stream that has ended: ``playlist`` is ``None`` when that is not known."""
        if playlist is None:
            mute_since = self._mute_since.setdefault(recording.recording_id, self._clock())
            return self._clock() - mute_since >= PATIENCE.total_seconds()
        self._mute_since.pop(recording.recording_id, None)
        begins = playlist.open_since
        return begins is None or (until is not None and begins >= until)

    async def _finish(self, recording: Recording, folder: RecordingFolder) -> None:
        await asyncio.to_thread(folder.finish)
        self._opened.pop(recording.recording_id, None)
        self._pictured.pop(recording.recording_id, None)
        self._mute_since.pop(recording.recording_id, None)
        self._finished.add(recording.recording_id)
        if recording.seconds or recording.shortage:
            await self._recordings.update(replace(recording, ended_at=self._now()))
            log.info("Recording %s is finished: %.0f s", recording.recording_id, recording.seconds)
        else:
            await self._recordings.remove(recording.recording_id)

    async def _take_picture(self, recording: Recording, folder: RecordingFolder) -> None:
        taken_at = self._pictured.get(recording.recording_id, -1.0)
        is_due = taken_at < 0 if recording.seconds < POSTER_AGAIN_SECONDS else taken_at < POSTER_AGAIN_SECONDS
        if recording.seconds and is_due:
            picture = self._folders.picture(recording.channel_id)
            if await asyncio.to_thread(folder.take_poster, picture, recording.started_at):
                self._pictured[recording.recording_id] = recording.seconds

    async def _tidy(self, unfinished: Mapping[str, Recording]) -> None:
        """Remove what has been kept long enough, and delete the files of everything that is removed."""
        if self._watch.is_steady_for(STEADY):
            for old in await self._recordings.ended_before(policy.kept_from(self._now(), self._terms), BATCH):
                log.info("Recording %s goes: it has been kept long enough", old.recording_id)
                await self._recordings.remove(old.recording_id)
        for recording_id in await self._recordings.removed(BATCH):
            self._opened.pop(recording_id, None)
            await asyncio.to_thread(self._folders.remove, recording_id)
            await self._recordings.forget(recording_id)
        for recording_id in set(self._opened) - set(unfinished):
            del self._opened[recording_id]

    async def _folder(self, recording_id: str) -> RecordingFolder:
        if recording_id not in self._opened:
            self._opened[recording_id] = await asyncio.to_thread(self._folders.open, recording_id)
        return self._opened[recording_id]

    async def _playlist(self, channel_id: str) -> Playlist | None:
        """``None`` when the packager does not answer."""
        try:
            return hls.parse(await self._playlists.source(channel_id))
        except PackagerUnavailableError as mute:
            log.debug("%s", mute)
            return None
