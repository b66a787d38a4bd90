"""Cuts a publisher's frames into parts: short sequences of frames, each an MP4 fragment.

A part is emitted with its last frame, without waiting for the next frame: the duration of the last frame is predicted
from earlier ones, and the next part begins at the true time. Parts follow the video frames, or the audio frames if
there is no video.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from streaming_app.backend.media import fmp4
from streaming_app.backend.media.sample_buffers import SLIDE_MS_MAX, TICKS_PER_MS, AudioSampleBuffer, VideoSampleBuffer
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, Unsupported, VideoFrame, VideoTrack

SEGMENT_MIN_MS = 1_000
SEGMENT_TOLERANCE_MS = 50
PART_MS = 200
"""Target duration of parts."""
KEYFRAME_TIMEOUT_MS = 30_000
"""Maximum time without a keyframe, and so the maximum length of a segment. x264's default keyframe interval of 250
frames is 10.4 s at 24 fps."""
VIDEO_TIMEOUT_MS = 3_000
"""Duration of audio without a video frame after which the stream counts as audio only, unless it shows slides."""
NO_VIDEO_TIMEOUT_MS = 1_000
"""The same for a publisher that never announced a video track."""


@dataclass(frozen=True, slots=True)
class Period:
    """Start of a period: frames that are decoded with one initialization segment, up to the next discontinuity."""

    init_segment: bytes
    video: VideoTrack | None
    audio: AudioTrack | None


@dataclass(frozen=True, slots=True)
class PartialSegment:
    """Consecutive frames as one MP4 fragment."""

    data: bytes
    start_ms: float
    """Decoding time of the first frame, on the publisher's clock."""
    duration_ms: float
    is_independent: bool
    """Whether it can be decoded without earlier parts."""
    begins_segment: bool
    pts_ms: float
    """Presentation time of the first frame. It is the same in every rendition."""


@dataclass(frozen=True, slots=True)
class KeyframeMissing:
    """No keyframe arrived for ``KEYFRAME_TIMEOUT_MS``. Nothing is cut until the next one."""


CutterOutput = Period | PartialSegment | KeyframeMissing


class Cutter:
    """Cuts media that is fed in order of arrival. ``part_ms`` is the target duration of parts."""

    def __init__(self, part_ms: int = PART_MS) -> None:
        self.part_ms = part_ms
        self._sequence = 0
        self._known_video: VideoTrack | None = None
        self._known_audio: AudioTrack | None = None
        self._period: Period | None = None
        self._video = VideoSampleBuffer()
        self._audio = AudioSampleBuffer()
        self._segment_ms: float | None = None
        """Start of the unfinished segment; ``None`` if the next part begins a segment."""
        self._audio_alone_ms = 0.0
        """Duration of audio since the last video frame."""
        self._missing_since_ms: int | None = None
        """Decoding time of the first video frame that is missing its keyframe."""

    @property
    def is_in_period(self) -> bool:
        """Whether frames are cut. They are dropped until a keyframe begins the next period."""
        return self._period is not None

    def feed(self, media: Media) -> Iterator[CutterOutput]:
        """Take one item, and yield what it completes."""
        match media:
            case VideoTrack():
                if media != self._known_video:
                    yield from self.flush()
                    self._known_video, self._period = media, None
            case AudioTrack():
                yield from self._feed_audio_track(media)
            case VideoFrame():
                yield from self._feed_video(media)
            case AudioFrame():
                yield from self._feed_audio(media)
            case Unsupported():
                pass

    def _feed_audio_track(self, track: AudioTrack) -> Iterator[CutterOutput]:
        """Audio that starts later than the video waits for the next keyframe, which begins another period."""
        if track == self._known_audio:
            return
        self._known_audio = track
        if self._period and self._period.video and not self._period.audio:
            return
        yield from self.flush()
        self._period = None

    def flush(self) -> Iterator[CutterOutput]:
        """Yield the remaining frames as a part. The next part then begins a segment."""
        if self._period and self._period.video and self._period.audio:
            self._video.extend_to(self._audio.end_ms(self._period.audio))
        if self._period and (self._video.samples or (not self._period.video and self._audio.samples)):
            yield self._cut_part()
        self._audio.samples.clear()
        self._segment_ms = None

    def _feed_video(self, frame: VideoFrame) -> Iterator[CutterOutput]:
        track = self._known_video
        if track is None:
            return
        self._audio_alone_ms = 0.0
        if self._video.is_jump(frame.dts_ms):
            yield from self.flush()
            self._period = None
        if self._period is None or self._period.video is None or (frame.is_key and self._lacks_audio):
            yield from self._begin_with_keyframe(frame, track)
        if self._period and self._period.video:
            yield from self._append_video(frame)

    @property
    def _lacks_audio(self) -> bool:
        """Whether there is an audio track that the period does not include."""
        return self._period is not None and self._known_audio is not None and self._period.audio is None

    def _begin_with_keyframe(self, frame: VideoFrame, track: VideoTrack) -> Iterator[CutterOutput]:
        if self._period and self._period.video:
            self._video.end_frame(frame.dts_ms)
        else:
            self._video.last_ms = frame.dts_ms
        if not frame.is_key:
            yield from self._report_missing_keyframe(frame)
            return
        yield from self.flush()
        yield self._begin_period(track, self._known_audio, frame.dts_ms)

    def _append_video(self, frame: VideoFrame) -> Iterator[CutterOutput]:
        self._video.end_frame(frame.dts_ms)
        if self._lacks_keyframe(frame):
            yield from self.flush()
            self._period = None
            yield KeyframeMissing()
            return
        if self._video.samples and (frame.is_key or self._video.is_overdue(self.part_ms)):
            yield self._cut_part()
        if frame.is_key and self._segment_is_long(frame.dts_ms):
            self._segment_ms = None
        self._video.add(frame)
        if self._video.is_full(self.part_ms):
            yield self._cut_part()

    def _lacks_keyframe(self, frame: VideoFrame) -> bool:
        has_timed_out = self._segment_ms is not None and frame.dts_ms - self._segment_ms >= KEYFRAME_TIMEOUT_MS
        return has_timed_out and not frame.is_key

    def _report_missing_keyframe(self, frame: VideoFrame) -> Iterator[KeyframeMissing]:
        """Yield once per timeout that no keyframe has arrived to begin with."""
        if self._missing_since_ms is None:
            self._missing_since_ms = frame.dts_ms
        elif frame.dts_ms - self._missing_since_ms >= KEYFRAME_TIMEOUT_MS:
            self._missing_since_ms = frame.dts_ms
            yield KeyframeMissing()

    def _feed_audio(self, frame: AudioFrame) -> Iterator[CutterOutput]:
        track, period = self._known_audio, self._period
        if track is None:
            return
        self._audio_alone_ms += track.samples_per_frame * 1000 / track.sample_rate
        if period and not period.video:
            yield from self._feed_audio_only(frame, track)
        elif self._audio_alone_ms >= self._video_timeout_ms:
            yield from self._begin_audio_only(track, frame)
        elif period and period.audio and abs(frame.dts_ms - self._video.last_ms) < SLIDE_MS_MAX:
            self._audio.add(frame, track)

    @property
    def _video_timeout_ms(self) -> int:
        """Duration of audio without a video frame after which the stream counts as audio only."""
        if not self._known_video:
            return NO_VIDEO_TIMEOUT_MS
        return SLIDE_MS_MAX if self._video.holds_last_frame else VIDEO_TIMEOUT_MS

    def _feed_audio_only(self, frame: AudioFrame, track: AudioTrack) -> Iterator[CutterOutput]:
        if self._audio.is_jump(frame.dts_ms, track):
            yield from self._begin_audio_only(track, frame)
            return
        self._audio.add(frame, track)
        half_a_frame_ms = track.samples_per_frame * 500 / track.sample_rate
        if self._audio.duration_ms(track) >= self.part_ms - half_a_frame_ms:
            yield self._cut_part()

    def _begin_audio_only(self, track: AudioTrack, frame: AudioFrame) -> Iterator[CutterOutput]:
        yield from self.flush()
        yield self._begin_period(None, track, frame.dts_ms)
        self._audio.add(frame, track)

    def _begin_period(self, video: VideoTrack | None, audio: AudioTrack | None, start_ms: int) -> Period:
        self._period = Period(fmp4.init_segment(video, audio), video, audio)
        self._missing_since_ms = None
        self._video = VideoSampleBuffer(last_ms=start_ms)
        self._audio = AudioSampleBuffer()
        self._segment_ms = None
        return self._period

    def _segment_is_long(self, now_ms: int) -> bool:
        return self._segment_ms is None or now_ms - self._segment_ms >= SEGMENT_MIN_MS - SEGMENT_TOLERANCE_MS

    def _cut_part(self) -> PartialSegment:
        period = self._period
        if period is None:
            message = "a part needs a period"
            raise AssertionError(message)
        audio_run = self._audio.drain() if period.audio else None
        self._sequence += 1
        if period.video:
            start_ms, duration_ms, run = self._video.drain()
            pts_ms = start_ms + run.samples[0].composition_offset / TICKS_PER_MS
            is_independent = run.samples[0].is_key
            data = fmp4.fragment(self._sequence, run, audio_run)
        else:
            rate = period.audio.sample_rate if period.audio else 1
            samples = audio_run.samples if audio_run else ()
            start_ms = (audio_run.base_time if audio_run else 0) * 1000 / rate
            duration_ms = sum(sample.duration for sample in samples) * 1000 / rate
            is_independent, pts_ms = True, start_ms
            if self._segment_is_long(round(start_ms)):
                self._segment_ms = None
            data = fmp4.fragment(self._sequence, None, audio_run)
        begins_segment = self._segment_ms is None
        if begins_segment:
            self._segment_ms = start_ms
        return PartialSegment(data, start_ms, duration_ms, is_independent, begins_segment, pts_ms)
