"""The first moment of a stream, in which nginx tells of its sound later than of its picture."""

from streaming_app.backend.media.tracks import AudioTrack, Media, Unsupported, VideoFrame

SOUND_WAIT_MS = 500
"""So much video, and a stream is taken to have no sound. nginx tells of a track with the first frame of it."""

HELD_MAX = 1_000
"""Frames held back at most: timestamps may stand still. At 60 frames a second it is more than 16 seconds."""

Arrived = tuple[Media, float]
"""With the Unix time at which it came."""


class Opening:
    """Holds the first frames back until their sound is known, so that both begin in one stretch."""

    def __init__(self) -> None:
        self._held: list[Arrived] | None = []
        self._first_ms: int | None = None

    def take(self, media: Media, now: float) -> list[Arrived]:
        """What is not held back any more."""
        if self._held is None or isinstance(media, Unsupported):
            return [(media, now)]
        if isinstance(media, AudioTrack):
            return [(media, now), *self._let_go()]
        self._held.append((media, now))
        if len(self._held) >= HELD_MAX:
            return self._let_go()
        if isinstance(media, VideoFrame):
            self._first_ms = media.dts_ms if self._first_ms is None else self._first_ms
            if media.dts_ms - self._first_ms >= SOUND_WAIT_MS:
                return self._let_go()
        return []

    def _let_go(self) -> list[Arrived]:
        held, self._held = self._held or [], None
        return held
