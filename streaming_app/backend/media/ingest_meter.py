"""Measures how a publisher's stream arrives: bit rate, frame rate, delay and disconnects."""

from collections import deque
from statistics import median

from streaming_app.backend.media.codecs import unusual_pixel_format
from streaming_app.backend.media.stream_health import IngestHealth, SecondStats
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, Unsupported, VideoFrame, VideoTrack
from streaming_app.backend.media.x264_settings import held_frames

HISTORY_SECONDS = 300
"""Seconds of history, for the plots in the studio."""
RATE_SECONDS = 5
"""Seconds over which rates are averaged."""
BURST_SECONDS = 10
"""Seconds over which bursts are measured."""
TIMESTAMP_LIMIT_MS = range((1 << 24) - 500, (1 << 24) + 5_000)
"""Where RTMP timestamps outgrow 24 bits, after 4 h 39 min. nginx-rtmp disconnects encoders that do not repeat
the extended timestamp in continuation chunks."""


class IngestMeter:
    """Measures media as it arrives. Times are Unix times from a clock that no change of the system time moves."""

    def __init__(self) -> None:
        self._video: VideoTrack | None = None
        self._audio: AudioTrack | None = None
        self._unsupported: list[Unsupported] = []
        self._history: deque[SecondStats] = deque(maxlen=HISTORY_SECONDS)
        self._second = 0
        self._bytes = 0
        self._frames = 0
        self._key_ms: int | None = None
        self._key_intervals: deque[float] = deque(maxlen=5)
        self._composition_ms = 0
        self._held_frames = 0
        self._offset: float | None = None
        self._late_seconds = 0.0
        self._fastest: float | None = None
        """The smallest offset of a frame in this second; ``_offset`` is the smallest of all."""
        self._slowest = 0.0
        self._spreads: deque[float] = deque(maxlen=BURST_SECONDS)
        """For each of the last seconds with frames, by how much the delay of its frames differs."""
        self._disconnected_at: deque[float] = deque(maxlen=100)
        self._was_disconnected_at_timestamp_limit = False

    def on_disconnect(self, last_ms: int, at: float) -> None:
        """Record that the encoder disconnected at the Unix time ``at``, after a frame with timestamp ``last_ms``."""
        self._disconnected_at.append(at)
        self._was_disconnected_at_timestamp_limit = last_ms in TIMESTAMP_LIMIT_MS

    def restart(self) -> None:
        """Reset tracks, clock and keyframes for another connection of the publisher. The history is kept."""
        self._video = self._audio = None
        self._unsupported.clear()
        self._key_ms = None
        self._key_intervals.clear()
        self._offset = None
        self._composition_ms = self._held_frames = 0
        self._fastest = None
        self._spreads.clear()

    def feed(self, media: Media, arrived_at: float) -> None:
        """Count one item."""
        match media:
            case VideoTrack():
                self._video = media
                self._forget_unsupported("video")
            case AudioTrack():
                self._audio = media
                self._forget_unsupported("audio")
            case Unsupported():
                self._record_unsupported(media)
            case VideoFrame():
                self._advance_to(int(arrived_at))
                self._bytes += len(media.data)
                self._frames += 1
                self._composition_ms = max(self._composition_ms, media.cts_ms)
                self._record_delay(arrived_at - media.dts_ms / 1000)
                if media.is_key:
                    self._record_keyframe(media.dts_ms)
                    self._held_frames = held_frames(media.data) or self._held_frames
            case AudioFrame():
                self._advance_to(int(arrived_at))
                self._bytes += len(media.data)

    def health(self, now: float) -> IngestHealth:
        """Return the measurements. Seconds in which nothing arrived count as 0."""
        self._advance_to(int(now))
        recent = list(self._history)[-RATE_SECONDS:]
        video, audio = self._video, self._audio
        return IngestHealth(
            video_codec=video.codec if video else "",
            width=video.width if video else 0,
            height=video.height if video else 0,
            frames_per_second=round(sum(s.frames for s in recent) / len(recent), 1) if recent else 0.0,
            kbps=round(sum(s.kbps for s in recent) / len(recent)) if recent else 0,
            key_interval_seconds=round(max(self._key_intervals, default=0.0), 1),
            b_frame_delay_ms=self._composition_ms,
            held_frames=self._held_frames,
            burst_seconds=round(median(self._spreads), 2) if self._spreads else 0.0,
            audio_codec="aac" if audio else "",
            sample_rate=audio.sample_rate if audio else 0,
            channels=audio.channels if audio else 0,
            late_seconds=round(self._late_seconds, 1),
            unusual_pixel_format=unusual_pixel_format(video) if video else "",
            disconnects=sum(at > now - HISTORY_SECONDS for at in self._disconnected_at),
            was_disconnected_at_timestamp_limit=self._was_disconnected_at_timestamp_limit,
            unsupported=tuple(self._unsupported),
            history=tuple(self._history),
        )

    def _advance_to(self, second: int) -> None:
        """Complete all seconds before this one."""
        if second <= self._second:
            return
        if self._second:
            self._history.append(SecondStats(self._second, self._bytes * 8 // 1000, self._frames))
            empty_from = max(self._second + 1, second - HISTORY_SECONDS)
            self._history.extend(SecondStats(at, 0, 0) for at in range(empty_from, second))
        self._second, self._bytes, self._frames = second, 0, 0
        if self._fastest is not None:
            self._spreads.append(self._slowest - self._fastest)
            self._fastest = None

    def _record_unsupported(self, media: Unsupported) -> None:
        """Keep it until the publisher sends usable media of the same kind, or disconnects."""
        self._forget_unsupported(media.kind)
        self._unsupported.append(media)
        if media.kind == "video":
            self._video = None
        elif media.kind == "audio":
            self._audio = None

    def _forget_unsupported(self, kind: str) -> None:
        if kind != "extra":
            self._unsupported = [media for media in self._unsupported if media.kind != kind]

    def _record_keyframe(self, dts_ms: int) -> None:
        if self._key_ms is not None and dts_ms > self._key_ms:
            self._key_intervals.append((dts_ms - self._key_ms) / 1000)
        self._key_ms = dts_ms

    def _record_delay(self, offset: float) -> None:
        if self._offset is None or offset < self._offset:
            self._offset = offset
        self._late_seconds = offset - self._offset
        self._fastest, self._slowest = (
            (offset, offset) if self._fastest is None else (min(self._fastest, offset), max(self._slowest, offset))
        )
