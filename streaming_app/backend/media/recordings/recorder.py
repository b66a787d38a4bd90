"""Makes recordings: adds the packager's new segments to them, once a second. Hides and deletes their files."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from streaming_app.backend.clock_changes import ClockWatch
from streaming_app.backend.errors import ConflictError
from streaming_app.backend.media.ports import LiveWindows, PackagerUnavailableError
from streaming_app.backend.media.recordings import policy
from streaming_app.backend.media.recordings.model import Recording, RecordingGapReason, RecordingLimits
from streaming_app.backend.media.recordings.ports import Recordings
from streaming_app.backend.media.recordings.recording_folder import RecordingFolder
from streaming_app.backend.media.recordings.storage import RecordingStorage
from streaming_app.backend.media.window_snapshot import Segment, WindowSnapshot
from streaming_app.backend.streams.model import Broadcast
from streaming_app.backend.streams.service import StreamService

log = logging.getLogger(__name__)

START_TOLERANCE = timedelta(seconds=2)
"""How long before its stream a first segment may be dated: encoders send buffered video when they connect."""
PACKAGER_TIMEOUT = timedelta(seconds=60)
"""How long after a stream's end its recording waits for a packager that does not answer."""
CLOCK_STEADY_BEFORE_EXPIRY = timedelta(hours=1)
"""How long the wall clock must not have been set before recordings are removed because of their age."""
SECOND_POSTER_SECONDS = 60.0
"""The poster is the first thumbnail of the stream. It is replaced once, after this duration."""
CLEANUP_INTERVAL = timedelta(seconds=5)
BATCH_SIZE = 100

_LOG_REASONS = {
    RecordingGapReason.DISK: "the disk is fuller than RECORDING_RESERVE allows",
    RecordingGapReason.QUOTA: "it alone fills the channel's RECORDING_QUOTA",
}


class Recorder:
    """Records the streams of channels that want it.

    All state is on disk and in the store. What is kept in memory is a cache, so that a restart loses nothing.
    """

    def __init__(
        self,
        recordings: Recordings,
        streams: StreamService,
        windows: LiveWindows,
        storage: RecordingStorage,
        limits: RecordingLimits,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self._recordings = recordings
        self._streams = streams
        self._windows = windows
        self._storage = storage
        self._limits = limits
        self._now = now
        self._clock = clock
        self._clock_watch = ClockWatch(now, clock)
        self._open_folders: dict[str, RecordingFolder] = {}
        self._finished: set[str] = set()
        """Recordings that were finished although their streams are still live."""
        self._poster_taken_at: dict[str, float] = {}
        """Duration of each recording when its poster was taken."""
        self._last_recorded: dict[str, int] = {}
        """Number of the last recorded segment, by channel."""
        self._unreachable_since: dict[str, float] = {}
        """When the packager stopped answering, by recording, on the monotonic clock."""
        self._cleanup_at = clock()

    async def run_once(self) -> None:
        """Start, continue and finish recordings. Raises ``ExceptionGroup`` if that failed for some of them."""
        open_streams = {broadcast.channel.channel_id: broadcast for broadcast in await self._streams.live()}
        unfinished = {recording.recording_id: recording for recording in await self._recordings.unfinished()}
        for broadcast in open_streams.values():
            if broadcast.channel.records and broadcast.stream.stream_id not in unfinished:
                await self._start(broadcast, unfinished)
        outcomes = await asyncio.gather(
            *(self._advance(recording, open_streams.get(recording.channel_id)) for recording in unfinished.values()),
            return_exceptions=True,
        )
        await self._hide()
        if self._clock() >= self._cleanup_at:
            self._cleanup_at = self._clock() + CLEANUP_INTERVAL.total_seconds()
            await self._clean_up(unfinished)
        self._finished &= {broadcast.stream.stream_id for broadcast in open_streams.values()}
        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failures:
            message = f"{len(failures)} of {len(outcomes)} recordings could not be continued"
            raise ExceptionGroup(message, failures)

    async def _start(self, broadcast: Broadcast, unfinished: dict[str, Recording]) -> None:
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

    async def _advance(self, before: Recording, broadcast: Broadcast | None) -> None:
        """Add new segments to a recording, and finish it if its stream is over.

        ``broadcast`` is the current stream of the recording's channel, which may be another stream than the recorded.
        """
        folder = await self._folder(before.recording_id)
        is_live = broadcast is not None and broadcast.stream.stream_id == before.recording_id
        window = await self._window(before.channel_id)
        until = broadcast.stream.started_at - START_TOLERANCE if broadcast and not is_live else None
        recording = before
        if broadcast and is_live:
            recording = replace(before, title=broadcast.stream.title, category=broadcast.stream.category)
        if window:
            new = self._new_segments(before, folder, window, until)
            recording = await self._append_segments(recording, folder, new)
        is_over = not broadcast.channel.records if broadcast and is_live else self._is_over(before, window, until)
        await self._update_poster(recording, folder)
        if is_over:
            await self._finish(recording, folder)
        elif recording != before:
            await self._recordings.update(recording)

    def _new_segments(
        self, recording: Recording, folder: RecordingFolder, window: WindowSnapshot, until: datetime | None
    ) -> list[Segment]:
        """Return the segments of the recording's stream that the recording does not have yet."""
        channel_id = recording.channel_id
        after = folder.last_number if folder.last_number >= 0 else self._last_recorded.get(channel_id, -1)
        since = recording.started_at - START_TOLERANCE if folder.last_number < 0 else None
        return policy.new_segments(window.segments, after, since, until)

    async def _append_segments(self, recording: Recording, folder: RecordingFolder, new: list[Segment]) -> Recording:
        if new:
            gap_reason = await self._gap_reason(recording.channel_id)
            if gap_reason and gap_reason != recording.gap_reason:
                log.warning("Channel %s is not recorded now: %s", recording.channel_id, _LOG_REASONS[gap_reason])
            if gap_reason:
                recording = replace(recording, gap_reason=gap_reason)
            else:
                await asyncio.to_thread(folder.append, new, self._storage.live_folder(recording.channel_id))
                self._last_recorded[recording.channel_id] = folder.last_number
        return replace(recording, seconds=round(folder.seconds, 3), size=folder.size)

    async def _gap_reason(self, channel_id: str) -> RecordingGapReason:
        used = await self._recordings.usage(channel_id)
        if used >= self._limits.quota:
            await self._free_quota(channel_id, used)
            used = await self._recordings.usage(channel_id)
        return policy.gap_reason(used, await asyncio.to_thread(self._storage.free_bytes), self._limits)

    async def _free_quota(self, channel_id: str, used: int) -> None:
        oldest_first = await self._recordings.oldest(channel_id, BATCH_SIZE)
        for old in policy.over_quota(oldest_first, used, self._limits):
            log.info("Recording %s is removed: channel %s has filled its quota", old.recording_id, channel_id)
            await self._recordings.remove(old.recording_id)

    def _is_over(self, recording: Recording, window: WindowSnapshot | None, until: datetime | None) -> bool:
        """Return whether no more segments can follow for a stream that has ended.

        ``window`` is ``None`` if the packager does not answer. ``until`` is when the channel's next stream started.
        """
        if window is None:
            unreachable_since = self._unreachable_since.setdefault(recording.recording_id, self._clock())
            return self._clock() - unreachable_since >= PACKAGER_TIMEOUT.total_seconds()
        self._unreachable_since.pop(recording.recording_id, None)
        return window.open_since is None or (until is not None and window.open_since >= until)

    async def _finish(self, recording: Recording, folder: RecordingFolder) -> None:
        await asyncio.to_thread(folder.finish)
        self._open_folders.pop(recording.recording_id, None)
        self._poster_taken_at.pop(recording.recording_id, None)
        self._unreachable_since.pop(recording.recording_id, None)
        self._finished.add(recording.recording_id)
        if recording.seconds or recording.gap_reason:
            await self._recordings.update(replace(recording, ended_at=self._now()))
            log.info("Recording %s is finished: %.0f s", recording.recording_id, recording.seconds)
        else:
            await self._recordings.remove(recording.recording_id)

    async def _update_poster(self, recording: Recording, folder: RecordingFolder) -> None:
        taken_at = self._poster_taken_at.get(recording.recording_id, -1.0)
        is_due = taken_at < 0 if recording.seconds < SECOND_POSTER_SECONDS else taken_at < SECOND_POSTER_SECONDS
        if recording.seconds and is_due:
            picture = self._storage.thumbnail(recording.channel_id)
            if await asyncio.to_thread(folder.take_poster, picture, recording.started_at):
                self._poster_taken_at[recording.recording_id] = recording.seconds

    async def _hide(self) -> None:
        """Let the front door follow the store: who was suspended, or will be deleted, has no public files."""
        await asyncio.to_thread(self._storage.hide, await self._recordings.hidden())

    async def _clean_up(self, unfinished: Mapping[str, Recording]) -> None:
        """Remove recordings that are older than the retention, and delete the files of removed recordings."""
        if self._clock_watch.is_steady_for(CLOCK_STEADY_BEFORE_EXPIRY):
            for old in await self._recordings.ended_before(
                policy.retention_cutoff(self._now(), self._limits), BATCH_SIZE
            ):
                log.info("Recording %s is removed: it is older than RECORDING_RETENTION", old.recording_id)
                await self._recordings.remove(old.recording_id)
        for recording_id in await self._recordings.removed(BATCH_SIZE):
            self._open_folders.pop(recording_id, None)
            await asyncio.to_thread(self._storage.remove, recording_id)
            await self._recordings.forget(recording_id)
        for recording_id in set(self._open_folders) - set(unfinished):
            del self._open_folders[recording_id]

    async def _folder(self, recording_id: str) -> RecordingFolder:
        if recording_id not in self._open_folders:
            self._open_folders[recording_id] = await asyncio.to_thread(self._storage.open, recording_id)
        return self._open_folders[recording_id]

    async def _window(self, channel_id: str) -> WindowSnapshot | None:
        """Return the channel's live window; ``None`` if the packager does not answer."""
        try:
            return await self._windows.window(channel_id)
        except PackagerUnavailableError as unavailable:
            log.debug("%s", unavailable)
            return None
