"""Makes the messages of a real-time viewer: each frame of a stream as one MP4 fragment, without waiting for the next.

Audio and video are separate messages. Their decoding times are on one clock, which continues when the publisher
returns or changes its tracks.
"""

import json
from dataclasses import replace
from enum import IntEnum

from streaming_app.backend.media import fmp4
from streaming_app.backend.media.codecs import codec_string
from streaming_app.backend.media.cutter import Period
from streaming_app.backend.media.sample_buffers import AudioSampleBuffer, VideoSampleBuffer
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, VideoFrame, VideoTrack

EARLIEST_MS = 10_000
"""Where the clock begins. Audio may begin before the first video frame, and decoding times cannot be negative."""


class MessageKind(IntEnum):
    """The kind of a message: the first byte of a binary message, whose rest is MP4."""

    DESCRIPTION = 0
    """A text message in JSON, without this byte. ``video`` and ``audio`` are codecs as in RFC 6381; empty without such
    a track. ``config`` is the AudioSpecificConfig in hexadecimal."""
    VIDEO_INIT = 1
    AUDIO_INIT = 2
    KEYFRAME = 3
    VIDEO = 4
    AUDIO = 5
    RENDITIONS = 6
    """A text message in JSON, without this byte: see ``rendition_choice``."""


PeriodHeader = list[tuple[bytes, MessageKind]]
"""What a viewer needs before the frames of a period: the description, and an initialization segment for each track."""


class FrameFragments:
    """Makes the messages of one rendition."""

    def __init__(self) -> None:
        self._sequence = 0
        self._end_ms = EARLIEST_MS
        """Decoding time after the last frame, on the viewers' clock."""
        self.offset_ms: int | None = None
        """Added to the publisher's timestamps; ``None`` until the first frame of a period. All renditions have the
        same, so that a player can continue with the frames of another one."""
        self._elapsed_ms = 0
        self._has_begun = False
        self._audio_track: AudioTrack | None = None
        self._has_video = False
        self._video = VideoSampleBuffer()
        self._audio = AudioSampleBuffer()

    def begin(self, period: Period, elapsed_ms: int, offset_ms: int | None = None) -> PeriodHeader:
        """Begin a period. ``elapsed_ms`` is a monotonic time, by which the clock advances while nobody publishes.

        ``offset_ms`` is that of the source, for another rendition of the same period.
        """
        self.offset_ms, self._elapsed_ms = offset_ms, elapsed_ms
        self._has_begun, self._audio_track, self._has_video = False, period.audio, period.video is not None
        self._video, self._audio = VideoSampleBuffer(), AudioSampleBuffer()
        return _period_header(period.video, period.audio)

    def feed(self, frame: VideoFrame | AudioFrame) -> bytes | None:
        """Return the message of a frame; ``None`` if its period has no such track, or audio came before the video."""
        if not self._has_begun:
            if self._has_video and not isinstance(frame, VideoFrame):
                return None
            self._has_begun = True
            if self.offset_ms is None:
                self.offset_ms = max(self._end_ms, EARLIEST_MS + self._elapsed_ms) - frame.dts_ms
            self._video.last_ms = frame.dts_ms + self.offset_ms
        shifted = replace(frame, dts_ms=frame.dts_ms + (self.offset_ms or 0))
        message = self._feed_video(shifted) if isinstance(shifted, VideoFrame) else self._feed_audio(shifted)
        if message:
            self._end_ms = max(self._end_ms, shifted.dts_ms + 1)
        return message

    def _feed_video(self, frame: VideoFrame) -> bytes | None:
        if not self._has_video:
            return None
        self._video.end_frame(frame.dts_ms)
        self._video.add(frame)
        _, _, run = self._video.drain()
        kind = MessageKind.KEYFRAME if frame.is_key else MessageKind.VIDEO
        return self._message(kind, run, None)

    def _feed_audio(self, frame: AudioFrame) -> bytes | None:
        if self._audio_track is None:
            return None
        self._audio.add(frame, self._audio_track)
        run = self._audio.drain()
        return self._message(MessageKind.AUDIO, None, run) if run.samples else None

    def _message(self, kind: MessageKind, video: fmp4.TrackRun | None, audio: fmp4.TrackRun | None) -> bytes:
        self._sequence += 1
        return bytes([kind]) + fmp4.fragment(self._sequence, video, audio)


def _period_header(video: VideoTrack | None, audio: AudioTrack | None) -> PeriodHeader:
    description = {
        "video": codec_string(video) if video else "",
        "width": video.width if video else 0,
        "height": video.height if video else 0,
        "audio": codec_string(audio) if audio else "",
        "config": audio.config.hex() if audio else "",
        "sample_rate": audio.sample_rate if audio else 0,
        "channels": audio.channels if audio else 0,
    }
    header: PeriodHeader = [(json.dumps(description).encode(), MessageKind.DESCRIPTION)]
    if video:
        header.append((bytes([MessageKind.VIDEO_INIT]) + fmp4.init_segment(video, None), MessageKind.VIDEO_INIT))
    if audio:
        header.append((bytes([MessageKind.AUDIO_INIT]) + fmp4.init_segment(None, audio), MessageKind.AUDIO_INIT))
    return header
