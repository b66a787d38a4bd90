"""Cuts what a publisher sends into parts: short runs of frames, each an MP4 fragment, handed on once it is full.

A part is handed on without waiting for the frame after it: how long its last frame lasts is foretold from the one
before, and the next part begins at the true time. Video sets the pace; audio does while there is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from streaming_app.backend.media import fmp4
from streaming_app.backend.media.runs import PICTURE_MS_MAX, TICKS_PER_MS, AudioRun, VideoRun
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, Unsupported, VideoFrame, VideoTrack

SEGMENT_MIN_MS = 1_000
SEGMENT_TOLERANCE_MS = 50
KEY_FRAME_WAIT_MS = 30_000
"""Segments begin with key frames, so none is longer. x264's default, 250 frames, is 10.4 s at 24 fps."""
VIDEO_SILENT_MS = 3_000
"""So much audio without a video frame means that there is no video now, unless the frames before were slides."""
NO_VIDEO_MS = 1_000
"""The same for a publisher that never announced video."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames that can be decoded one after another follow; what was before has nothing to do with them."""

    initialization: bytes
    video: VideoTrack | None
    audio: AudioTrack | None


@dataclass(frozen=True, slots=True)
class Part:
    """A run of frames as one MP4 fragment."""

    data: bytes
    start_ms: float
    """When it is first decoded, on the publisher's clock."""
    duration_ms: float
    is_independent: bool
    """It can be decoded without the parts before it."""
    begins_segment: bool
    shown_ms: float
    """When its first frame is shown: the same in every rendition."""


@dataclass(frozen=True, slots=True)
class KeyFrameMissing:
    """No key frame came for ``KEY_FRAME_WAIT_MS``: nothing is cut until there is one."""


Cut = Stretch | Part | KeyFrameMissing


class Cutter:
    """Feed it everything in order of arrival. ``part_ms`` is how long parts should be."""

    def __init__(self, part_ms: int) -> None:
        self.part_ms = part_ms
        self._sequence = 0
        self._known_video: VideoTrack | None = None
        self._known_audio: AudioTrack | None = None
        self._stretch: Stretch | None = None
        self._video = VideoRun()
        self._audio = AudioRun()
        self._segment_ms: float | None = None
        """When the segment under way began; ``None``: the next part begins one."""
        self._audio_alone_ms = 0.0
        """How much audio there has been since the last video frame."""
        self._missing_since_ms: int | None = None
        """When the first video frame came that could not be decoded without a key frame."""

    def take(self, media: Media) -> Iterator[Cut]:
        """What is ready with this."""
        match media:
            case VideoTrack():
                if media != self._known_video:
                    yield from self.flush()
                    self._known_video, self._stretch = media, None
            case AudioTrack():
                yield from self._take_audio_track(media)
            case VideoFrame():
                yield from self._take_video(media)
            case AudioFrame():
                yield from self._take_audio(media)
            case Unsupported():
                pass

    def _take_audio_track(self, track: AudioTrack) -> Iterator[Cut]:
        """Sound that begins later than the picture waits for the next key frame, which begins another stretch."""
        if track == self._known_audio:
            return
        self._known_audio = track
        if self._stretch and self._stretch.video and not self._stretch.audio:
            return
        yield from self.flush()
        self._stretch = None

    def flush(self) -> Iterator[Cut]:
        """What is left when nothing follows; the next part begins a segment."""
        if self._stretch and self._stretch.video and self._stretch.audio:
            self._video.stay_until(self._audio.end_ms(self._stretch.audio))
        if self._stretch and (self._video.samples or (not self._stretch.video and self._audio.samples)):
            yield self._part()
        self._audio.samples.clear()
        self._segment_ms = None

    def _take_video(self, frame: VideoFrame) -> Iterator[Cut]:
        track = self._known_video
        if track is None:
            return
        self._audio_alone_ms = 0.0
        if self._video.jumps_to(frame.dts_ms):
            yield from self.flush()
            self._stretch = None
        if self._stretch is None or self._stretch.video is None or (frame.is_key and self._lacks_audio):
            yield from self._begin_with_key_frame(frame, track)
        if self._stretch and self._stretch.video:
            yield from self._go_on(frame)

    @property
    def _lacks_audio(self) -> bool:
        """Whether there is sound that the stretch does not have."""
        return self._stretch is not None and self._known_audio is not None and self._stretch.audio is None

    def _begin_with_key_frame(self, frame: VideoFrame, track: VideoTrack) -> Iterator[Cut]:
        if self._stretch and self._stretch.video:
            self._video.close(frame.dts_ms)
        else:
            self._video.last_ms = frame.dts_ms
        if not frame.is_key:
            yield from self._miss_key_frame(frame)
            return
        yield from self.flush()
        yield self._begin(track, self._known_audio, frame.dts_ms)

    def _go_on(self, frame: VideoFrame) -> Iterator[Cut]:
        self._video.close(frame.dts_ms)
        if self._lacks_key_frame(frame):
            yield from self.flush()
            self._stretch = None
            yield KeyFrameMissing()
            return
        if self._video.samples and (frame.is_key or self._video.is_overdue(self.part_ms)):
            yield self._part()
        if frame.is_key and self._segment_is_long(frame.dts_ms):
            self._segment_ms = None
        self._video.add(frame)
        if self._video.is_full(self.part_ms):
            yield self._part()

    def _lacks_key_frame(self, frame: VideoFrame) -> bool:
        waited_long = self._segment_ms is not None and frame.dts_ms - self._segment_ms >= KEY_FRAME_WAIT_MS
        return waited_long and not frame.is_key

    def _miss_key_frame(self, frame: VideoFrame) -> Iterator[KeyFrameMissing]:
        """Say once that there has been nothing to begin with for too long."""
        if self._missing_since_ms is None:
            self._missing_since_ms = frame.dts_ms
        elif frame.dts_ms - self._missing_since_ms >= KEY_FRAME_WAIT_MS:
            self._missing_since_ms = frame.dts_ms
            yield KeyFrameMissing()

    def _take_audio(self, frame: AudioFrame) -> Iterator[Cut]:
        track, stretch = self._known_audio, self._stretch
        if track is None:
            return
        self._audio_alone_ms += track.samples_per_frame * 1000 / track.sample_rate
        if stretch and not stretch.video:
            yield from self._take_sole_audio(frame, track)
        elif self._audio_alone_ms >= self._video_patience_ms:
            yield from self._begin_audio_only(track, frame)
        elif stretch and stretch.audio and abs(frame.dts_ms - self._video.last_ms) < PICTURE_MS_MAX:
            self._audio.add(frame, track)

    @property
    def _video_patience_ms(self) -> int:
        """So much audio without a video frame means that there is no video now."""
        if not self._known_video:
            return NO_VIDEO_MS
        return PICTURE_MS_MAX if self._video.waits else VIDEO_SILENT_MS

    def _take_sole_audio(self, frame: AudioFrame, track: AudioTrack) -> Iterator[Cut]:
        if self._audio.jumps_to(frame.dts_ms, track):
            yield from self._begin_audio_only(track, frame)
            return
        self._audio.add(frame, track)
        half_a_frame_ms = track.samples_per_frame * 500 / track.sample_rate
        if self._audio.duration_ms(track) >= self.part_ms - half_a_frame_ms:
            yield self._part()

    def _begin_audio_only(self, track: AudioTrack, frame: AudioFrame) -> Iterator[Cut]:
        yield from self.flush()
        yield self._begin(None, track, frame.dts_ms)
        self._audio.add(frame, track)

    def _begin(self, video: VideoTrack | None, audio: AudioTrack | None, start_ms: int) -> Stretch:
        self._stretch = Stretch(fmp4.initialization(video, audio), video, audio)
        self._missing_since_ms = None
        self._video = VideoRun(last_ms=start_ms)
        self._audio = AudioRun()
        self._segment_ms = None
        return self._stretch

    def _segment_is_long(self, now_ms: int) -> bool:
        return self._segment_ms is None or now_ms - self._segment_ms >= SEGMENT_MIN_MS - SEGMENT_TOLERANCE_MS

    def _part(self) -> Part:
        stretch = self._stretch
        if stretch is None:
            message = "no part without a stretch"
            raise AssertionError(message)
        audio_run = self._audio.take() if stretch.audio else None
        self._sequence += 1
        if stretch.video:
            start_ms, duration_ms, run = self._video.take()
            shown_ms = start_ms + run.samples[0].composition / TICKS_PER_MS
            is_independent = run.samples[0].is_key
            data = fmp4.fragment(self._sequence, run, audio_run)
        else:
            rate = stretch.audio.sample_rate if stretch.audio else 1
            samples = audio_run.samples if audio_run else ()
            start_ms = (audio_run.base_time if audio_run else 0) * 1000 / rate
            duration_ms = sum(sample.duration for sample in samples) * 1000 / rate
            is_independent, shown_ms = True, start_ms
            if self._segment_is_long(round(start_ms)):
                self._segment_ms = None
            data = fmp4.fragment(self._sequence, None, audio_run)
        begins_segment = self._segment_ms is None
        if begins_segment:
            self._segment_ms = start_ms
        return Part(data, start_ms, duration_ms, is_independent, begins_segment, shown_ms)
