"""A smaller rendition of one period: the transcoder's video with the source's audio, cut like the source."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from streaming_app.backend.media.bitrate_ladder import Rung
from streaming_app.backend.media.cutter import Cutter, CutterOutput, PartialSegment, Period
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, VideoFrame, VideoTrack
from streaming_app.backend.packager.rendition_server import RenditionServer

AUDIO_FRAMES_MAX = 2_000
"""Forty seconds: longer than the transcoder may be late, or a slide may last."""


class TranscodedRendition:
    """Cuts the transcoder's output into segments with the numbers and first frames of the source's segments."""

    def __init__(
        self,
        rung: Rung,
        server: RenditionServer,
        source: RenditionServer,
        audio: AudioTrack | None,
    ) -> None:
        self.rung = rung
        self.server = server
        self._source = source.window
        self._offset_ms = source.realtime.offset_ms
        self._cutter = Cutter()
        self._audio: deque[AudioFrame] = deque(maxlen=AUDIO_FRAMES_MAX)
        if audio:
            list(self._cutter.feed(audio))

    def feed_audio(self, frame: AudioFrame) -> None:
        """Keep an audio frame of the source until the video that belongs to it has been transcoded.

        Real-time viewers get audio at once.
        """
        self._audio.append(frame)
        self.server.realtime.feed(frame)

    def feed_video(self, media: VideoTrack | VideoFrame, now: float) -> None:
        """Cut a video frame from the transcoder. ``now`` is Unix time."""
        if isinstance(media, VideoFrame):
            while self._audio and self._audio[0].dts_ms <= media.dts_ms:
                self._add_all(self._cutter.feed(self._audio.popleft()), now)
        self._add_all(self._cutter.feed(media), now)
        if isinstance(media, VideoFrame) and self._cutter.is_in_period:
            self.server.realtime.feed(media)

    def end(self, now: float) -> None:
        """Complete the last segment."""
        self._add_all(self._cutter.flush(), now)
        self.server.realtime.stop()
        self.server.window.close()
        self.server.notify()

    def clear(self) -> None:
        """Delete all files."""
        self.server.realtime.stop()
        self.server.window.clear()
        self.server.notify()

    def _add_all(self, cuts: Iterable[CutterOutput], now: float) -> None:
        for cut in cuts:
            if isinstance(cut, Period):
                self.server.window.begin_period(cut.init_segment)
                self.server.realtime.begin(cut, self._offset_ms)
            elif isinstance(cut, PartialSegment):
                self._add(cut, now)

    def _add(self, part: PartialSegment, now: float) -> None:
        window = self.server.window
        aligned_with = self._source.segment_at_pts(part.pts_ms) if part.is_independent else None
        if aligned_with and window.open_segment and window.open_segment.number == aligned_with.number:
            aligned_with = None  # this segment has begun already
        if aligned_with or window.open_segment:
            self.server.notify(window.add(replace(part, begins_segment=False), now, aligned_with).name)
