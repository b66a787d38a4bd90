"""Puts a publisher's frames on one clock that only goes forward, whatever their timestamps say.

Video sets the clock. Timestamps that step back or jump are repaired, so that no frame is lost. Sound whose clock is
seconds away from the picture's is moved to it: what arrives together belongs together in a live stream.
"""

from collections import deque
from dataclasses import replace
from statistics import median

from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame

FORWARD_JUMP_MS = 1_000
"""Video that steps further ahead than time has passed, by more than this, has another clock from then on."""
BACKWARD_MS_MAX = 3_000
"""Video that steps further back than this has another clock at once."""
BACKWARD_FRAMES_MAX = 3
"""So many frames behind the one before may be single mistakes; with one more, the clock was set back."""
FRAME_MS = 33
"""How long a frame is taken to last before there was another one."""

AV_OFFSET_MS_MAX = 1_500
"""Sound so far from the picture has a wrong clock. Nearer, its timestamps are taken as they are."""
AV_OFFSET_AFTER_JUMP_MS_MAX = 100
"""The same after the video's clock has stepped, compared with how far apart they were before."""
AFTER_JUMP_SECONDS = 5.0
"""For so long after a step it is looked whether the sound has stepped as well."""
MEASUREMENTS = 3
"""In a row, before sound is moved."""
MEASUREMENT_SPREAD_MS = 500
"""Measurements further apart than this are no constant distance."""
AUDIO_MISSING_SECONDS = 5.0
"""Sound that has been held back for longer than this is missing."""
HELD_AUDIO_SECONDS_MAX = 30.0
"""For so long sound may be held back; and without video for so long, sound goes by its own clock."""


class Timeline:
    """Feed it everything in order of arrival, with the time in seconds on a monotonic clock."""

    def __init__(self) -> None:
        self.audio_ahead_ms = 0
        """By how much the sound's clock is ahead of the picture's: it was moved back by this."""
        self._shift_ms = 0
        """What is added to timestamps; less by ``audio_ahead_ms`` to those of sound."""
        self._last_ms: int | None = None
        """When the last video frame is decoded, as it was passed on."""
        self._last_at = 0.0
        self._frame_ms = FRAME_MS
        """The shorter of the last two steps: one alone may be wrong."""
        self._backward_frames = 0
        self._step_ms = FRAME_MS
        self._sent_ms = 0
        """The last timestamp that was left as it was, but for the shift."""
        self._jumped_at: float | None = None
        self._is_offset_unknown = False
        """Whether the video's clock has stepped, and the sound's distance has not been measured since."""
        self._audio_ms: int | None = None
        """The last timestamp of sound that came since the last video frame, as it was sent."""
        self._audio_duration_ms = 0.0
        """How much sound there was since the last video frame, by counting it."""
        self._audio_frame_ms = 0.0
        self._usual_offset_ms = 0.0
        self._offsets: deque[float] = deque(maxlen=MEASUREMENTS)
        self._held: deque[tuple[AudioFrame, float]] = deque()

    def feed(self, media: Media, at: float) -> list[Media]:
        """What can be passed on with this, its timestamps repaired."""
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
        """The sound that is still held back when nothing follows."""
        return [] if self._offsets or self._is_offset_unknown else [self._shifted(frame) for frame, _ in self._held]

    def drops_audio(self, at: float) -> bool:
        """Whether sound has been held back for some time, since it is at no constant distance from the picture."""
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
        if step_ms < 1:  # between the one before and the next
            return last_ms + max(1, self._frame_ms // 2)
        passed_ms = max((at - self._last_at) * 1000, self._audio_duration_ms)
        if step_ms > passed_ms + FORWARD_JUMP_MS:
            return self._jump_to(last_ms + self._frame_ms, frame, at)
        step_ms = min(dts_ms - self._sent_ms, FORWARD_JUMP_MS)
        self._frame_ms, self._step_ms, self._sent_ms = min(step_ms, self._step_ms), step_ms, dts_ms
        return dts_ms

    def _place_backward(self, frame: VideoFrame, step_ms: int, last_ms: int, at: float) -> int:
        """When to decode a frame whose time is before the one before: at the usual pace."""
        self._backward_frames += 1
        dts_ms = last_ms + self._frame_ms
        if step_ms < -BACKWARD_MS_MAX or self._backward_frames > BACKWARD_FRAMES_MAX:
            self._backward_frames = 0
            return self._jump_to(dts_ms, frame, at)
        return dts_ms

    def _jump_to(self, dts_ms: int, frame: VideoFrame, at: float) -> int:
        """The video has another clock from this frame on, which is decoded at ``dts_ms``."""
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
            self._held.clear()  # of a clock that is not the sound's any more
            return [self._shifted(frame)]
        self._held.append((frame, at))
        while at - self._held[0][1] > HELD_AUDIO_SECONDS_MAX:
            self._held.popleft()
        return []

    def _is_near(self, frame: AudioFrame, at: float) -> bool:
        """Whether the frame may belong to the last picture, or to the time since; without a picture, any frame."""
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
        """Take note of how far the sound is ahead of the picture; what is not held back any more."""
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
