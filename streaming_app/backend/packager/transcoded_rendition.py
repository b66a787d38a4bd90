"""One smaller rendition of a period: what the transcoder makes, cut as the source is, with the source's sound."""

from collections import deque
from collections.abc import Iterable
from dataclasses import replace

from streaming_app.backend.media.cutter import Cutter, CutterOutput, Part, Period
from streaming_app.backend.media.ladder import Rung
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, VideoFrame, VideoTrack
from streaming_app.backend.packager.rendition_server import RenditionServer

AUDIO_FRAMES_MAX = 2_000
"""Forty seconds: more than the transcoder may ever be behind, or a slide may stay."""


class TranscodedRendition:
    """Its segments are like the source's: same numbers, same first frames."""

    def __init__(
        self, rung: Rung, server: RenditionServer, source: LiveWindow, part_ms: int, audio: AudioTrack | None
    ) -> None:
        self.rung = rung
        self.server = server
        self.server.part_seconds = part_ms / 1000
        self._source = source
        self._cutter = Cutter(part_ms)
        self._audio: deque[AudioFrame] = deque(maxlen=AUDIO_FRAMES_MAX)
        if audio:
            list(self._cutter.feed(audio))

    def hear(self, frame: AudioFrame) -> None:
        """The source's sound, which waits here for its picture."""
        self._audio.append(frame)

    def take(self, media: VideoTrack | VideoFrame, now: float) -> None:
        """What the transcoder has made, at this Unix time."""
        if isinstance(media, VideoFrame):
            while self._audio and self._audio[0].dts_ms <= media.dts_ms:
                self._place_all(self._cutter.feed(self._audio.popleft()), now)
        self._place_all(self._cutter.feed(media), now)

    def end(self, now: float) -> None:
        """The period is over."""
        self._place_all(self._cutter.flush(), now)
        self.server.window.close()
        self.server.notify()

    def clear(self) -> None:
        """Delete its files."""
        self.server.window.clear()
        self.server.notify()

    def _place_all(self, cuts: Iterable[CutterOutput], now: float) -> None:
        for cut in cuts:
            if isinstance(cut, Period):
                self.server.window.begin_period(cut.init_segment)
            elif isinstance(cut, Part):
                self._place(cut, now)

    def _place(self, part: Part, now: float) -> None:
        window = self.server.window
        aligned_with = self._source.segment_at_pts(part.pts_ms) if part.is_independent else None
        if aligned_with and window.open_segment and window.open_segment.number == aligned_with.number:
            aligned_with = None  # it has begun
        if aligned_with or window.open_segment:
            self.server.notify(window.add(replace(part, begins_segment=False), now, aligned_with).name)
