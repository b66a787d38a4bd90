"""Puts a publisher's frames on one clock that only goes forward, whatever their timestamps say.

Video sets the clock. Timestamps that step back or jump are repaired, so that no frame is lost. Sound whose clock is
seconds away from the picture's is moved to it: what arrives together belongs together in a live stream.
"""

from collections import deque
from dataclasses import replace
from statistics import median

from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame

UNEXPLAINED_MS = 1_000
"""Video that steps further ahead than time has passed, by more than this, has another clock from then on."""
BACK_MS_MAX = 3_000
"""Video that steps further back than this has another clock at once."""
BACK_FRAMES_MAX = 3
"""So many frames behind the one before may be single mistakes; with one more, the clock was set back."""
FRAME_MS = 33
"""How long a frame is taken to last before there was another one."""

APART_MS = 1_500
"""Sound so far from the picture has a wrong clock. Nearer, its timestamps are taken as they are."""
APART_AFTER_STEP_MS = 100
"""The same after the video's clock has stepped, compared with how far apart they were before."""
STEP_SECONDS = 5.0
"""For so long after a step it is looked whether the sound has stepped as well."""
MEASUREMENTS = 3
"""In a row, before sound is moved."""
SPREAD_MS = 500
"""Measurements further apart than this are no constant distance."""
LEFT_OUT_SECONDS = 5.0
"""Sound that has been held back for longer than this is missing."""
WAIT_SECONDS = 30.0
"""For so long sound may be held back; and without video for so long, sound goes by its own clock."""


class Timeline:
    """Feed it everything in order of arrival, with the time in seconds on a monotonic clock."""

    def __init__(self) -> None:
        self.sound_ahead_ms = 0
        """By how much the sound's clock is ahead of the picture's: it was moved back by this."""
        self._shift_ms = 0
        """What is added to timestamps; less by ``sound_ahead_ms`` to those of sound."""
        self._last_ms: int | None = None
        """When the last video frame is decoded, as it was passed on."""
        self._last_at = 0.0
        self._frame_ms = FRAME_MS
        """The shorter of the last two steps: one alone may be wrong."""
        self._behind_frames = 0
        self._step_ms = FRAME_MS
        self._sent_ms = 0
        """The last timestamp that was left as it was, but for the shift."""
        self._stepped_at: float | None = None
        self._is_unsure = False
        """Whether the video's clock has stepped, and the sound's distance has not been measured since."""
        self._sound_ms: int | None = None
        """The last timestamp of sound that came since the last video frame, as it was sent."""
        self._sound_duration_ms = 0.0
        """How much sound there was since the last video frame, by counting it."""
        self._sound_frame_ms = 0.0
        self._usual_distance_ms = 0.0
        self._distances: deque[float] = deque(maxlen=MEASUREMENTS)
        self._held: deque[tuple[AudioFrame, float]] = deque()

    def take(self, media: Media, at: float) -> list[Media]:
        """What can be passed on with this, its timestamps repaired."""
        match media:
            case VideoFrame():
                return [*self._take_video(media, at)]
            case AudioFrame():
                return [*self._take_audio(media, at)]
            case AudioTrack():
                self._held.clear()
                self._sound_frame_ms = media.samples_per_frame * 1000 / media.sample_rate
                return [media]
            case _:
                return [media]

    def flush(self) -> list[Media]:
        """The sound that is still held back when nothing follows."""
        return [] if self._distances or self._is_unsure else [self._placed(frame) for frame, _ in self._held]

    def leaves_sound_out(self, at: float) -> bool:
        """Whether sound has been held back for some time, since it is at no constant distance from the picture."""
        return bool(self._held) and at - self._held[0][1] > LEFT_OUT_SECONDS

    def _take_video(self, frame: VideoFrame, at: float) -> list[Media]:
        dts_ms = self._video_ms(frame, at)
        self._last_ms, self._last_at, self._sound_duration_ms = dts_ms, at, 0.0
        released: list[Media] = []
        if self._sound_ms is not None:
            released = self._measure(self._sound_ms + self._sound_shift_ms - dts_ms, at)
            self._sound_ms = None
        return [*released, frame if frame.dts_ms == dts_ms else replace(frame, dts_ms=dts_ms)]

    def _video_ms(self, frame: VideoFrame, at: float) -> int:
        dts_ms = frame.dts_ms + self._shift_ms
        last_ms = self._last_ms
        if last_ms is None:
            self._sent_ms = dts_ms
            return dts_ms
        step_ms = dts_ms - last_ms
        if step_ms <= -self._frame_ms:
            return self._behind(frame, step_ms, last_ms, at)
        self._behind_frames = 0
        if step_ms < 1:  # between the one before and the next
            return last_ms + max(1, self._frame_ms // 2)
        passed_ms = max((at - self._last_at) * 1000, self._sound_duration_ms)
        if step_ms > passed_ms + UNEXPLAINED_MS:
            return self._step_to(last_ms + self._frame_ms, frame, at)
        step_ms = min(dts_ms - self._sent_ms, UNEXPLAINED_MS)
        self._frame_ms, self._step_ms, self._sent_ms = min(step_ms, self._step_ms), step_ms, dts_ms
        return dts_ms

    def _behind(self, frame: VideoFrame, step_ms: int, last_ms: int, at: float) -> int:
        """When to decode a frame whose time is before the one before: at the usual pace."""
        self._behind_frames += 1
        dts_ms = last_ms + self._frame_ms
        if step_ms < -BACK_MS_MAX or self._behind_frames > BACK_FRAMES_MAX:
            self._behind_frames = 0
            return self._step_to(dts_ms, frame, at)
        return dts_ms

    def _step_to(self, dts_ms: int, frame: VideoFrame, at: float) -> int:
        """The video has another clock from this frame on, which is decoded at ``dts_ms``."""
        self._shift_ms = dts_ms - frame.dts_ms
        self._sent_ms = dts_ms
        self._stepped_at = at
        self._is_unsure = True
        self._distances.clear()
        return dts_ms

    @property
    def _sound_shift_ms(self) -> int:
        return self._shift_ms - self.sound_ahead_ms

    def _take_audio(self, frame: AudioFrame, at: float) -> list[Media]:
        self._sound_ms = frame.dts_ms
        self._sound_duration_ms += self._sound_frame_ms
        if self._is_near(frame, at):
            self._held.clear()  # of a clock that is not the sound's any more
            return [self._placed(frame)]
        self._held.append((frame, at))
        while at - self._held[0][1] > WAIT_SECONDS:
            self._held.popleft()
        return []

    def _is_near(self, frame: AudioFrame, at: float) -> bool:
        """Whether the frame may belong to the last picture, or to the time since; without a picture, any frame."""
        passed_seconds = at - self._last_at
        if self._last_ms is None or passed_seconds > WAIT_SECONDS:
            return True
        if self._is_unsure:
            return False
        return -APART_MS < frame.dts_ms + self._sound_shift_ms - self._last_ms < passed_seconds * 1000 + APART_MS

    def _placed(self, frame: AudioFrame) -> AudioFrame:
        shift_ms = self._sound_shift_ms
        return replace(frame, dts_ms=frame.dts_ms + shift_ms) if shift_ms else frame

    def _measure(self, distance_ms: float, at: float) -> list[Media]:
        """Take note of how far the sound is ahead of the picture; what is not held back any more."""
        just_stepped = self._stepped_at is not None and at - self._stepped_at < STEP_SECONDS
        expected_ms, limit_ms = (self._usual_distance_ms, APART_AFTER_STEP_MS) if just_stepped else (0.0, APART_MS)
        if abs(distance_ms - expected_ms) < limit_ms:
            self._distances.clear()
            if not just_stepped:
                self._usual_distance_ms += (distance_ms - self._usual_distance_ms) / 8
            return self._release()
        self._distances.append(distance_ms)
        if len(self._distances) < MEASUREMENTS or max(self._distances) - min(self._distances) > SPREAD_MS:
            return []
        self.sound_ahead_ms += round(median(self._distances) - expected_ms)
        self._distances.clear()
        return self._release()

    def _release(self) -> list[Media]:
        self._is_unsure = False
        held = [self._placed(frame) for frame, _ in self._held]
        self._held.clear()
        latest_ms = (self._last_ms or 0) + APART_MS
        return [frame for frame in held if frame.dts_ms < latest_ms]
