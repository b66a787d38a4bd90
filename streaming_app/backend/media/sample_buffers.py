"""The frames of the part under way, of one track each: how long they last, and whether their clock has jumped."""

from streaming_app.backend.media import fmp4
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, VideoFrame

TICKS_PER_MS = fmp4.VIDEO_TIMESCALE // 1000
FRAME_MS_DEFAULT = 33
FRAME_MS_MAX = 1_000
"""No frame is foretold to last longer."""
PREDICTED_FRAME_MS_MAX = 250
"""When the one before lasted longer, a frame waits for the next one: slides come when they come."""
AVERAGED_FRAMES = 16
"""Over about so many frames the length of one is averaged: RTMP counts whole milliseconds, and 30 fps has none."""
JUMP_MS = 3_000
"""A clock that leaps further ahead, or a tenth of this back, is a new clock."""
SLIDE_MS_MAX = 30_000
"""The same for slides, which may stay for so long."""
AUDIO_GAP_MS = 60
"""Audio that is so late has lost something; what is less is rounding."""


class VideoSampleBuffer:
    """The video frames of the part under way."""

    def __init__(self, last_ms: int = 0) -> None:
        self.samples: list[VideoFrame] = []
        self.last_ms = last_ms
        self._frame_ms: float = FRAME_MS_DEFAULT
        self._has_duration = False
        self._unusual_ms = 0
        """How long the frame before lasted, if that was unusual."""
        self._end_ms: float | None = None

    @property
    def holds_last_frame(self) -> bool:
        """Whether the last frame is kept until the next one comes, since nobody knows how long it lasts."""
        return bool(self.samples) and not self._predicts_duration

    def is_jump(self, dts_ms: int) -> bool:
        return not -JUMP_MS / 10 < dts_ms - self.last_ms < (SLIDE_MS_MAX if self.holds_last_frame else JUMP_MS)

    def end_frame(self, dts_ms: int) -> None:
        """The frame before lasts until here."""
        delta = dts_ms - self.last_ms
        if delta > 0:
            self._learn_duration(delta)
        self._end_ms = dts_ms

    def _learn_duration(self, delta: int) -> None:
        """Take note of how long a frame lasted. One that was shorter or longer than usual changes nothing yet."""
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
        """Whether another frame would be too much."""
        return self._predicts_duration and self._expected_end() + self._frame_ms - self.samples[0].dts_ms > part_ms + 1

    def is_overdue(self, part_ms: int) -> bool:
        """Whether the frames that have waited for the one that is there now are enough for a part."""
        return bool(self.samples) and self._end_ms is not None and self._end_ms - self.samples[0].dts_ms >= part_ms

    def extend_to(self, end_ms: float) -> None:
        """Nothing follows: the last frame is seen until here, if it was kept for that."""
        if self.holds_last_frame:
            self._end_ms = max(end_ms, self._expected_end())

    def drain(self) -> tuple[int, float, fmp4.TrackRun]:
        """Start and duration in ms, and the frames; none are left."""
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
    """The audio frames of the part under way, placed by counting their samples; only real gaps move them."""

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
            return  # heard already
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
        """When the last of them ends."""
        return (self._next_time or 0) * 1000 / track.sample_rate

    def duration_ms(self, track: AudioTrack) -> float:
        return sum(sample.duration for sample in self.samples) * 1000 / track.sample_rate

    def drain(self) -> fmp4.TrackRun:
        samples, self.samples = self.samples, []
        return fmp4.TrackRun(self._base_time, samples)
