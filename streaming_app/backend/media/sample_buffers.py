"""Frames of the unfinished part, in one buffer per track: their durations, and jumps of their clock."""

from streaming_app.backend.media import fmp4
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, VideoFrame

TICKS_PER_MS = fmp4.VIDEO_TIMESCALE // 1000
FRAME_MS_DEFAULT = 33
FRAME_MS_MAX = 1_000
"""Maximum predicted duration of a frame."""
PREDICTED_FRAME_MS_MAX = 250
"""Frame duration above which durations are not predicted, because slides arrive at irregular times."""
AVERAGED_FRAMES = 16
"""Number of frames over which durations are averaged: RTMP has whole milliseconds, and 30 fps is 33.3 ms a frame."""
JUMP_MS = 3_000
"""A timestamp that is further ahead, or behind by a tenth of this, belongs to a new clock."""
SLIDE_MS_MAX = 30_000
"""The same for slides, which may be shown this long."""
AUDIO_GAP_MS = 60
"""Gap above which audio frames count as lost. Smaller gaps are rounding."""


class VideoSampleBuffer:
    """Video frames of the unfinished part."""

    def __init__(self, last_ms: int = 0) -> None:
        self.samples: list[VideoFrame] = []
        self.last_ms = last_ms
        self._frame_ms: float = FRAME_MS_DEFAULT
        self._has_duration = False
        self._unusual_ms = 0
        """Duration of the previous frame, if it was unusual; otherwise 0."""
        self._end_ms: float | None = None

    @property
    def holds_last_frame(self) -> bool:
        """Whether the last frame waits for the next one, because its duration cannot be predicted."""
        return bool(self.samples) and not self._predicts_duration

    def is_jump(self, dts_ms: int) -> bool:
        return not -JUMP_MS / 10 < dts_ms - self.last_ms < (SLIDE_MS_MAX if self.holds_last_frame else JUMP_MS)

    def end_frame(self, dts_ms: int) -> None:
        """Set the end of the last frame."""
        delta = dts_ms - self.last_ms
        if delta > 0:
            self._learn_duration(delta)
        self._end_ms = dts_ms

    def _learn_duration(self, delta: int) -> None:
        """Update the predicted duration. One frame of unusual duration does not change it."""
        if (
            not self._has_duration
            or delta > PREDICTED_FRAME_MS_MAX
            or abs(delta - self._unusual_ms) < self._unusual_ms / 2
        ):
            self._frame_ms = min(delta, FRAME_MS_MAX)
        self._unusual_ms = 0
        if abs(delta - self._frame_ms) < self._frame_ms / 2:
            self._frame_ms += (delta - self._frame_ms) / AVERAGED_FRAMES
        else:
            self._unusual_ms = delta
        self._has_duration = True

    def add(self, frame: VideoFrame) -> None:
        self.samples.append(frame)
        self.last_ms = frame.dts_ms
        self._end_ms = None

    def is_full(self, part_ms: int) -> bool:
        """Return whether the part would be too long with another frame."""
        return self._predicts_duration and self._expected_end() + self._frame_ms - self.samples[0].dts_ms > part_ms + 1

    def is_overdue(self, part_ms: int) -> bool:
        """Return whether the frames that waited for the next one are long enough for a part."""
        return bool(self.samples) and self._end_ms is not None and self._end_ms - self.samples[0].dts_ms >= part_ms

    def extend_to(self, end_ms: float) -> None:
        """Extend the last frame to ``end_ms``, if it waits for a next frame that does not arrive."""
        if self.holds_last_frame:
            self._end_ms = max(end_ms, self._expected_end())

    def drain(self) -> tuple[int, float, fmp4.TrackRun]:
        """Return start and duration in ms with the frames, and empty the buffer."""
        frames, self.samples = self.samples, []
        end_ms = self._expected_end() if self._end_ms is None else self._end_ms
        ends = [frame.dts_ms for frame in frames[1:]] + [end_ms]
        samples = [
            fmp4.Sample(
                frame.data,
                max(1, round((end - frame.dts_ms) * TICKS_PER_MS)),
                frame.cts_ms * TICKS_PER_MS,
                frame.is_key,
            )
            for frame, end in zip(frames, ends, strict=True)
        ]
        start_ms = frames[0].dts_ms
        return start_ms, max(1.0, end_ms - start_ms), fmp4.TrackRun(start_ms * TICKS_PER_MS, samples)

    @property
    def _predicts_duration(self) -> bool:
        return self._has_duration and self._frame_ms <= PREDICTED_FRAME_MS_MAX

    def _expected_end(self) -> float:
        return self.last_ms + self._frame_ms


class AudioSampleBuffer:
    """Audio frames of the unfinished part. Their times are counted in samples, and corrected only at real gaps."""

    def __init__(self) -> None:
        self.samples: list[fmp4.Sample] = []
        self._next_time: int | None = None
        self._base_time = 0

    def is_jump(self, dts_ms: int, track: AudioTrack) -> bool:
        if self._next_time is None:
            return False
        return not -JUMP_MS / 10 < dts_ms - self._next_time * 1000 / track.sample_rate < JUMP_MS

    def add(self, frame: AudioFrame, track: AudioTrack) -> None:
        wanted = round(frame.dts_ms * track.sample_rate / 1000)
        tolerance = AUDIO_GAP_MS * track.sample_rate // 1000
        next_time = wanted if self._next_time is None else self._next_time
        if wanted < next_time - tolerance:
            return  # overlaps earlier audio
        if wanted > next_time + tolerance:
            if self.samples:
                last = self.samples[-1]
                self.samples[-1] = fmp4.Sample(last.data, last.duration + wanted - next_time)
            next_time = wanted
        if not self.samples:
            self._base_time = next_time
        self.samples.append(fmp4.Sample(frame.data, track.samples_per_frame))
        self._next_time = next_time + track.samples_per_frame

    def end_ms(self, track: AudioTrack) -> float:
        """Return when the last frame ends."""
        return (self._next_time or 0) * 1000 / track.sample_rate

    def duration_ms(self, track: AudioTrack) -> float:
        return sum(sample.duration for sample in self.samples) * 1000 / track.sample_rate

    def drain(self) -> fmp4.TrackRun:
        samples, self.samples = self.samples, []
        return fmp4.TrackRun(self._base_time, samples)
