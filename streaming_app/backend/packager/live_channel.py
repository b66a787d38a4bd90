"""The live video of one channel: plays it from nginx and cuts it into the live window, publisher after publisher."""

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from streaming_app.backend.adapters.metrics.definitions import INGEST_BYTES, PARTS, PARTS_LATE
from streaming_app.backend.media import codecs, playlist
from streaming_app.backend.media.bitrate_ladder import SOURCE
from streaming_app.backend.media.cutter import Cutter, CutterOutput, KeyframeMissing, PartialSegment, Period
from streaming_app.backend.media.ingest_meter import IngestMeter
from streaming_app.backend.media.playback_reports import PlaybackReports
from streaming_app.backend.media.rendition_choice import rendition_choice
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.start_buffer import StartBuffer
from streaming_app.backend.media.stream_health import NO_KEYFRAME, IngestHealth
from streaming_app.backend.media.timestamp_repair import Timeline
from streaming_app.backend.media.tracks import AudioFrame, Media, VideoFrame
from streaming_app.backend.packager.bitrate_ladder import Ladder
from streaming_app.backend.packager.disk_errors import DiskErrorLog
from streaming_app.backend.packager.realtime.room import CloseReason, shared_message
from streaming_app.backend.packager.rendition_server import RenditionServer
from streaming_app.backend.packager.window_writer import WindowWriter

log = logging.getLogger(__name__)

BANDWIDTH_STEP = 250_000
"""Bits per second. The multivariant playlist rounds bandwidths up to multiples of this, so that it rarely changes."""

LIVE_DIR_FULL = "The server has no space for low-latency video. Viewers have a few seconds more delay."
STALLED_TARGETS = 3
"""Number of target durations without a new part after which players are sent to plain HLS."""
FIRST_SEGMENT_SECONDS = 6.0
"""Duration of an unfinished first segment above which players are sent to plain HLS: they need a complete segment."""

LATE_PART_SECONDS = 0.5
"""Time after the part before from which on a part counts as late. Parts are 0.2 s long."""

Play = Callable[[str, Callable[[], None]], AsyncGenerator[Media]]
"""Yields what a channel's publisher sends, until it disconnects. Raises ``IngestReadError``.

Calls the callback once nothing that the publisher sends can be missed any more.
"""


class LiveChannel:
    """Cuts the streams of one channel. The live window continues when a publisher reconnects."""

    def __init__(self, channel_id: str, ladder: Ladder, clock: Callable[[], float], disk: DiskErrorLog) -> None:
        """``clock`` is Unix time that is never set."""
        self.channel_id = channel_id
        self._clock = clock
        self._newest_part_at = clock()
        self._is_part_due = False
        """Whether the publisher is still the one that sent the part before."""
        self.window = ladder.source.window
        self.playback = PlaybackReports(clock)
        self._source = ladder.source
        self._ladder = ladder
        self.lacks_keyframes = False
        """Whether a keyframe was missing for too long, and no segment has been completed in time since then."""
        self._writer = WindowWriter(self.window, disk, self._drop_files)
        self._has_dropped_ladder = False
        self._timeline = Timeline()
        self._meter = IngestMeter()
        self._last_ms: int | None = None
        self._period: Period | None = None
        self._told: tuple[list[tuple[str, int, int, bool]], int] = ([], 0)
        """The renditions and the seconds of the window in the newest message to real-time viewers."""

    def rendition(self, rendition: str) -> RenditionServer | None:
        """Return the server of a rendition; ``None`` if there is no rendition with this name."""
        return self._source if rendition == SOURCE else self._ladder.rendition(rendition)

    @property
    def issue(self) -> str:
        """Why the stream cannot be cut, as a message for the streamer; empty if it can."""
        if self._writer.is_paused:
            return LIVE_DIR_FULL
        return NO_KEYFRAME if self.lacks_keyframes else ""

    @property
    def is_stalled(self) -> bool:
        """Whether players should use plain HLS, because no new parts arrive. ``False`` after the end of the stream."""
        if self.window.has_ended:
            return False
        if self.lacks_keyframes:
            return True
        first = self.window.open_segment
        if first and not self.window.segments and first.seconds > FIRST_SEGMENT_SECONDS:
            return True
        return self._clock() - self._newest_part_at > STALLED_TARGETS * self.window.target_seconds

    def multivariant(self) -> str:
        """Return the multivariant playlist; empty while there is nothing to play, or while the channel is stalled."""
        segments = list(self.window.listed())
        if self._period is None or not segments or self.is_stalled:
            return ""
        peak = max(segment.bits_per_second for segment in segments)
        source = _source_variant(self._period, peak)
        return playlist.multivariant_playlist([source, *self._ladder.variants()])

    async def play(self, play: Play, joined: Callable[[], None], unix_time: Callable[[], float]) -> None:
        """Cut what the publisher sends until it disconnects. Call ``joined`` once nothing can be missed any more."""
        self._meter.restart()
        self._is_part_due = False
        self._timeline = Timeline()
        self.lacks_keyframes = False
        try:
            await self._cut_all(play(self.channel_id, joined), unix_time)
            self._record_disconnect()
            self._writer.complete()
        finally:
            self._source.realtime.stop()
            self._source.notify()
            self._ladder.stop()

    async def _cut_all(self, arriving: AsyncGenerator[Media], unix_time: Callable[[], float]) -> None:
        """Cut all that arrives."""
        start_buffer, cutter = StartBuffer(), Cutter()
        try:
            async with aclosing(arriving):
                async for arrived in arriving:
                    now = unix_time()
                    self._record_arrival(arrived)
                    for media in self._timeline.feed(arrived, self._clock()):
                        self._cut(media, start_buffer, cutter, now)
        except IngestReadError as failed:
            log.warning("Channel %s cannot be read: %s", self.channel_id, failed)
        for media in self._timeline.flush():
            self._cut(media, start_buffer, cutter, unix_time())
        for cut in cutter.flush():
            self._apply(cut, unix_time())

    def _record_arrival(self, arrived: Media) -> None:
        """Remember the encoder's timestamp before it is repaired, and count the bytes."""
        if isinstance(arrived, VideoFrame | AudioFrame):
            self._last_ms = arrived.dts_ms
            INGEST_BYTES.inc(len(arrived.data))

    def _record_disconnect(self) -> None:
        if self._last_ms is not None:
            self._meter.on_disconnect(self._last_ms, self._clock())
        self._last_ms = None

    def _cut(self, arrived: Media, start_buffer: StartBuffer, cutter: Cutter, now: float) -> None:
        self._meter.feed(arrived, self._clock())
        for media, came_at in start_buffer.feed(arrived, now):
            for cut in cutter.feed(media):
                self._apply(cut, came_at)
            if isinstance(media, VideoFrame | AudioFrame) and cutter.is_in_period:
                self._source.realtime.feed(media)
            self._ladder.feed(media)

    def health(self) -> IngestHealth:
        """Return how the stream arrives."""
        now = self._clock()
        return replace(
            self._meter.health(now),
            packaging_issue=self.issue,
            ladder_issue=self._ladder.issue,
            renditions=self._ladder.stats(),
            playback=self.playback.stats(),
            audio_ahead_seconds=round(self._timeline.audio_ahead_ms / 1000, 1),
            drops_audio=self._timeline.drops_audio(now),
        )

    def end(self) -> None:
        """End the playlists: no publisher reconnects."""
        self.window.end()
        self._source.realtime.close(CloseReason.ENDED)
        self._source.notify()
        self._ladder.end()

    async def close(self) -> None:
        """Stop writing files."""
        await self._ladder.close()

    def _apply(self, cut: CutterOutput, now: float) -> None:
        match cut:
            case Period():
                self._period = cut
                self._writer.begin(cut)
                self._source.realtime.stop()
                self._tell_choice()
                self._source.realtime.begin(cut)
                self._begin_ladder(cut)
            case PartialSegment():
                is_next_segment = cut.begins_segment and self.window.open_segment is not None
                if not (part := self._writer.write(cut, now)):
                    return
                if self._has_dropped_ladder and self._period:
                    self._begin_ladder(self._period)
                self.lacks_keyframes &= not is_next_segment
                self._count_part()
                self._newest_part_at = self._clock()
                self._source.notify(part.name)
                self._tell_choice()
            case KeyframeMissing():
                if not self.lacks_keyframes:
                    log.info("Channel %s: %s", self.channel_id, NO_KEYFRAME)
                self.lacks_keyframes = True
                self._writer.complete()
                self._source.reject_waiting()
                self._source.realtime.stop()
                self._ladder.stop()

    def _drop_files(self) -> None:
        """Stop low-latency HLS, because LIVE_DIR is full. Real-time viewers of the source need no files."""
        self._source.reject_waiting()
        self._ladder.clear()
        self._has_dropped_ladder = True
        self._tell_choice()

    def _begin_ladder(self, period: Period) -> None:
        self._ladder.begin(period)
        self._has_dropped_ladder = False

    def _count_part(self) -> None:
        PARTS.inc()
        if self._is_part_due and self._clock() - self._newest_part_at > LATE_PART_SECONDS:
            PARTS_LATE.inc()
        self._is_part_due = True

    def _tell_choice(self) -> None:
        """Tell real-time viewers what they can watch, if that has changed; those who come later also get the window."""
        if self._period is None:
            return
        peak = max((segment.bits_per_second for segment in self.window.segments), default=0)
        renditions = [_source_variant(self._period, peak), *self._ladder.watchable()]
        offered = [(each.name, each.width, each.height, each.bits_per_second > 0) for each in renditions]
        window_max = int(self.window.length_seconds)
        window = min(int(self.window.seconds), window_max)
        if (offered, window) != self._told:
            message = shared_message(rendition_choice(renditions, window, window_max))
            for room in self._ladder.rooms():
                room.set_choice(message, tell=offered != self._told[0])
            self._told = offered, window


def _source_variant(period: Period, peak: float) -> playlist.VariantStream:
    """Return the publisher's own rendition. ``peak`` is in bits per second, 0 if unknown."""
    video, audio = period.video, period.audio
    return playlist.VariantStream(
        name=SOURCE,
        codecs=",".join(codecs.codec_string(track) for track in (video, audio) if track),
        bits_per_second=(int(peak) // BANDWIDTH_STEP + 1) * BANDWIDTH_STEP if peak else 0,
        width=video.width if video else 0,
        height=video.height if video else 0,
    )
