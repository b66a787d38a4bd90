"""Holds back the start of a stream until its audio track is known: nginx announces that after the video track."""

from streaming_app.backend.media.tracks import AudioTrack, Media, Unsupported, VideoFrame

AUDIO_WAIT_MS = 500
"""Duration of video after which a stream counts as having no audio. nginx announces a track with its first frame."""

BUFFERED_ITEMS_MAX = 1_000
"""Maximum number of items in the buffer, because timestamps may not advance: 16 seconds at 60 frames per second."""

TimedMedia = tuple[Media, float]
"""An item with the Unix time at which it arrived."""


class StartBuffer:
    """Buffers the first frames until the audio track is known, so that video and audio begin in one period."""

    def __init__(self) -> None:
        self._buffered: list[TimedMedia] | None = []
        self._first_ms: int | None = None

    def feed(self, media: Media, now: float) -> list[TimedMedia]:
        """Take one item, and return the items that can be passed on."""
        if self._buffered is None or isinstance(media, Unsupported):
            return [(media, now)]
        if isinstance(media, AudioTrack):
            return [(media, now), *self._release()]
        self._buffered.append((media, now))
        if len(self._buffered) >= BUFFERED_ITEMS_MAX:
            return self._release()
        if isinstance(media, VideoFrame):
            self._first_ms = media.dts_ms if self._first_ms is None else self._first_ms
            if media.dts_ms - self._first_ms >= AUDIO_WAIT_MS:
                return self._release()
        return []

    def _release(self) -> list[TimedMedia]:
        buffered, self._buffered = self._buffered or [], None
        return buffered
