"""Repairs a publisher's timestamps, so that all frames share one clock that never goes back.

Video sets the clock. Timestamps that go back or jump are replaced, so that no frame is lost. Audio whose clock differs
from the video's by seconds is shifted to it: audio and video that arrive together belong together in a live stream.
"""

from collections import deque
from dataclasses import replace
from statistics import median

from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame

FORWARD_JUMP_MS = 1_000
"""If a video timestamp advances further than time has passed, by more than this, the clock has jumped."""
BACKWARD_MS_MAX = 3_000
"""If a video timestamp goes back further than this, the clock has jumped."""
BACKWARD_FRAMES_MAX = 3
"""Number of consecutive timestamps that may go back without a jump of the clock."""
FRAME_MS = 33
"""Assumed duration of the first frame."""

AV_OFFSET_MS_MAX = 1_500
"""Maximum offset between audio and video timestamps that is not corrected."""
AV_OFFSET_AFTER_JUMP_MS_MAX = 100
"""The same after a jump of the video's clock, compared with the offset before the jump."""
AFTER_JUMP_SECONDS = 5.0
"""How long after a jump the offset of the audio is checked against the offset before the jump."""
MEASUREMENTS = 3
"""Consecutive measurements of the offset before audio is shifted."""
MEASUREMENT_SPREAD_MS = 500
"""Maximum difference between measurements of a constant offset."""
AUDIO_MISSING_SECONDS = 5.0
"""Audio that is held back longer than this is reported as missing."""
HELD_AUDIO_SECONDS_MAX = 30.0
"""How long audio is held back at most, and how long after the last video frame audio follows its own clock."""


class Timeline:
    """Repairs media that is fed in order of arrival, with its arrival time on a monotonic clock, in seconds."""

    def __init__(self) -> None:
        self.audio_ahead_ms = 0
        """How far the audio's clock is ahead of the video's. Audio is shifted back by this."""
        self._shift_ms = 0
        """Added to video timestamps. ``audio_ahead_ms`` less is added to audio timestamps."""
        self._last_ms: int | None = None
        """Repaired timestamp of the last video frame."""
        self._last_at = 0.0
        self._frame_ms = FRAME_MS
        """The shorter one of the last two frame durations, because one may be wrong."""
        self._backward_frames = 0
        self._step_ms = FRAME_MS
        self._sent_ms = 0
        """Last video timestamp that was only shifted, and not replaced."""
        self._jumped_at: float | None = None
        self._is_offset_unknown = False
        """Whether the video's clock has jumped and the offset of the audio has not been measured since."""
        self._audio_ms: int | None = None
        """Original timestamp of the last audio frame since the last video frame."""
        self._audio_duration_ms = 0.0
        """Duration of audio since the last video frame, counted in frames."""
        self._audio_frame_ms = 0.0
        self._usual_offset_ms = 0.0
        self._offsets: deque[float] = deque(maxlen=MEASUREMENTS)
        self._held: deque[tuple[AudioFrame, float]] = deque()

    def feed(self, media: Media, at: float) -> list[Media]:
        """Take one item, and return the items that can be passed on, with repaired timestamps."""
        match media:
            case VideoFrame():
                return [*self._feed_video(media, at)]
            case AudioFrame():
                return [*self._feed_audio(media, at)]
            case AudioTrack():
                self._held.clear()
                self._audio_frame_ms = media.samples_per_frame * 1000 / media.sample_rate
                return [media]
            case _:
                return [media]

    def flush(self) -> list[Media]:
        """Return the audio that is still held back, at the end of the stream."""
        return [] if self._offsets or self._is_offset_unknown else [self._shifted(frame) for frame, _ in self._held]

    def drops_audio(self, at: float) -> bool:
        """Return whether audio is dropped, because its offset from the video is not constant."""
        return bool(self._held) and at - self._held[0][1] > AUDIO_MISSING_SECONDS

    def _feed_video(self, frame: VideoFrame, at: float) -> list[Media]:
        dts_ms = self._video_ms(frame, at)
        self._last_ms, self._last_at, self._audio_duration_ms = dts_ms, at, 0.0
        released: list[Media] = []
        if self._audio_ms is not None:
            released = self._measure_offset(self._audio_ms + self._audio_shift_ms - dts_ms, at)
            self._audio_ms = None
        return [*released, frame if frame.dts_ms == dts_ms else replace(frame, dts_ms=dts_ms)]

    def _video_ms(self, frame: VideoFrame, at: float) -> int:
        dts_ms = frame.dts_ms + self._shift_ms
        last_ms = self._last_ms
        if last_ms is None:
            self._sent_ms = dts_ms
            return dts_ms
        step_ms = dts_ms - last_ms
        if step_ms <= -self._frame_ms:
            return self._place_backward(frame, step_ms, last_ms, at)
        self._backward_frames = 0
        if step_ms < 1:  # between the previous frame and the next
            return last_ms + max(1, self._frame_ms // 2)
        passed_ms = max((at - self._last_at) * 1000, self._audio_duration_ms)
        if step_ms > passed_ms + FORWARD_JUMP_MS:
            return self._jump_to(last_ms + self._frame_ms, frame, at)
        step_ms = min(dts_ms - self._sent_ms, FORWARD_JUMP_MS)
        self._frame_ms, self._step_ms, self._sent_ms = min(step_ms, self._step_ms), step_ms, dts_ms
        return dts_ms

    def _place_backward(self, frame: VideoFrame, step_ms: int, last_ms: int, at: float) -> int:
        """Return a timestamp for a frame that goes back: one frame duration after the previous frame."""
        self._backward_frames += 1
        dts_ms = last_ms + self._frame_ms
        if step_ms < -BACKWARD_MS_MAX or self._backward_frames > BACKWARD_FRAMES_MAX:
            self._backward_frames = 0
            return self._jump_to(dts_ms, frame, at)
        return dts_ms

    def _jump_to(self, dts_ms: int, frame: VideoFrame, at: float) -> int:
        """Start a new clock of the video with this frame, which is decoded at ``dts_ms``."""
        self._shift_ms = dts_ms - frame.dts_ms
        self._sent_ms = dts_ms
        self._jumped_at = at
        self._is_offset_unknown = True
        self._offsets.clear()
        return dts_ms

    @property
    def _audio_shift_ms(self) -> int:
        return self._shift_ms - self.audio_ahead_ms

    def _feed_audio(self, frame: AudioFrame, at: float) -> list[Media]:
        self._audio_ms = frame.dts_ms
        self._audio_duration_ms += self._audio_frame_ms
        if self._is_near(frame, at):
            self._held.clear()  # belongs to an earlier clock of the audio
            return [self._shifted(frame)]
        self._held.append((frame, at))
        while at - self._held[0][1] > HELD_AUDIO_SECONDS_MAX:
            self._held.popleft()
        return []

    def _is_near(self, frame: AudioFrame, at: float) -> bool:
        """Return whether an audio frame fits the last video frame or the time since then; always without video."""
        passed_seconds = at - self._last_at
        if self._last_ms is None or passed_seconds > HELD_AUDIO_SECONDS_MAX:
            return True
        if self._is_offset_unknown:
            return False
        return (
            -AV_OFFSET_MS_MAX
            < frame.dts_ms + self._audio_shift_ms - self._last_ms
            < passed_seconds * 1000 + AV_OFFSET_MS_MAX
        )

    def _shifted(self, frame: AudioFrame) -> AudioFrame:
        shift_ms = self._audio_shift_ms
        return replace(frame, dts_ms=frame.dts_ms + shift_ms) if shift_ms else frame

    def _measure_offset(self, offset_ms: float, at: float) -> list[Media]:
        """Record how far audio is ahead of video. Return the audio that is no longer held back."""
        has_just_jumped = self._jumped_at is not None and at - self._jumped_at < AFTER_JUMP_SECONDS
        expected_ms, limit_ms = (
            (self._usual_offset_ms, AV_OFFSET_AFTER_JUMP_MS_MAX) if has_just_jumped else (0.0, AV_OFFSET_MS_MAX)
        )
        if abs(offset_ms - expected_ms) < limit_ms:
            self._offsets.clear()
            if not has_just_jumped:
                self._usual_offset_ms += (offset_ms - self._usual_offset_ms) / 8
            return self._release()
        self._offsets.append(offset_ms)
        if len(self._offsets) < MEASUREMENTS or max(self._offsets) - min(self._offsets) > MEASUREMENT_SPREAD_MS:
            return []
        self.audio_ahead_ms += round(median(self._offsets) - expected_ms)
        self._offsets.clear()
        return self._release()

    def _release(self) -> list[Media]:
        self._is_offset_unknown = False
        held = [self._shifted(frame) for frame, _ in self._held]
        self._held.clear()
        latest_ms = (self._last_ms or 0) + AV_OFFSET_MS_MAX
        return [frame for frame in held if frame.dts_ms < latest_ms]
