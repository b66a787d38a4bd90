"""What is made of one period: its smaller renditions, by one transcoder."""

from collections.abc import Callable, Sequence

from streaming_app.backend.media.ladder import Rung
from streaming_app.backend.media.tracks import AudioFrame, VideoFrame, VideoTrack
from streaming_app.backend.packager.transcoded_rendition import TranscodedRendition
from streaming_app.backend.packager.transcoder import Transcoder


class TranscodeSession:
    """Owns its renditions until they end. What comes later is dropped: their servers may be another run's by then."""

    def __init__(
        self,
        renditions: Sequence[TranscodedRendition],
        source: VideoTrack,
        base_ms: int,
        unix_time: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self.names = [rendition.rung.name for rendition in renditions]
        self._renditions = {rendition.rung.name: rendition for rendition in renditions}
        self._transcoder = Transcoder([rendition.rung for rendition in renditions], source, base_ms, self._take, clock)
        self._unix_time = unix_time

    @property
    def failure(self) -> str:
        """In words for the streamer; empty while it goes well."""
        return self._transcoder.failure

    async def run(self) -> None:
        """Transcode until it fails; cancelling ends it."""
        try:
            await self._transcoder.run()
        except OSError as failed:
            words = f"Your stream has no lower qualities: making them failed ({failed.strerror})."
            self._transcoder.fail(words)

    def feed(self, frame: VideoFrame | AudioFrame) -> None:
        """What the source sends."""
        if isinstance(frame, VideoFrame):
            self._transcoder.feed(frame)
            return
        for rendition in self._renditions.values():
            rendition.hear(frame)

    def end(self) -> None:
        """The period is over; what was made of it stays."""
        for rendition in self._release():
            try:
                rendition.end(self._unix_time())
            except OSError:  # the source meets the same, and its channel reports it
                rendition.clear()

    def clear(self) -> None:
        """Delete what was made."""
        for rendition in self._release():
            rendition.clear()

    def _take(self, rung: Rung, media: VideoTrack | VideoFrame) -> None:
        if rendition := self._renditions.get(rung.name):
            rendition.take(media, self._unix_time())

    def _release(self) -> list[TranscodedRendition]:
        renditions = list(self._renditions.values())
        self._renditions.clear()
        return renditions
