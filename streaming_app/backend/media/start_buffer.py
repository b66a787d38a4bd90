"""The first moment of a stream, in which nginx tells of its sound later than of its picture."""

from streaming_app.backend.media.tracks import AudioTrack, Media, Unsupported, VideoFrame

AUDIO_WAIT_MS = 500
"""So much video, and a stream is taken to have no sound. nginx tells of a track with the first frame of it."""

BUFFERED_ITEMS_MAX = 1_000
"""Frames held back at most: timestamps may stand still. At 60 frames a second it is more than 16 seconds."""

TimedMedia = tuple[Media, float]
"""With the Unix time at which it came."""


class StartBuffer:
    """Holds the first frames back until their sound is known, so that both begin in one period."""

    def __init__(self) -> None:
        self._buffered: list[TimedMedia] | None = []
        self._first_ms: int | None = None

    def feed(self, media: Media, now: float) -> list[TimedMedia]:
        """What is not held back any more."""
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
