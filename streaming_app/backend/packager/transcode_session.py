"""Makes the smaller renditions of one period with one transcoder."""

from collections.abc import Callable, Sequence

from streaming_app.backend.failure_causes import is_disk_full
from streaming_app.backend.media.bitrate_ladder import Rung
from streaming_app.backend.media.tracks import AudioFrame, VideoFrame, VideoTrack
from streaming_app.backend.packager.transcoded_rendition import TranscodedRendition
from streaming_app.backend.packager.transcoder import Transcoder


class TranscodeSession:
    """Feeds the transcoder's output to its renditions until the period ends.

    Later output is dropped, because the next session may use the same rendition servers by then.
    """

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
        self._transcoder = Transcoder([rendition.rung for rendition in renditions], source, base_ms, self._feed, clock)
        self._unix_time = unix_time
        self.met_full_disk = False

    @property
    def failure(self) -> str:
        """Why the transcoder failed, as a message for the streamer; empty while it works."""
        return self._transcoder.failure

    async def run(self) -> None:
        """Transcode until the transcoder fails. Cancel the task to stop it."""
        try:
            await self._transcoder.run()
        except OSError as failed:
            self.met_full_disk = is_disk_full(failed)
            words = f"Your stream has no lower qualities: making them failed ({failed.strerror})."
            self._transcoder.fail(words)

    def feed(self, frame: VideoFrame | AudioFrame) -> None:
        """Pass on a frame of the source."""
        if isinstance(frame, VideoFrame):
            self._transcoder.feed(frame)
            return
        for rendition in self._renditions.values():
            rendition.feed_audio(frame)

    def end(self) -> None:
        """End the period. Its segments are kept."""
        for rendition in self._release():
            try:
                rendition.end(self._unix_time())
            except OSError:  # the source's channel meets and reports the same error
                rendition.clear()

    def clear(self) -> None:
        """Delete the renditions' files."""
        for rendition in self._release():
            rendition.clear()

    def _feed(self, rung: Rung, media: VideoTrack | VideoFrame) -> None:
        if rendition := self._renditions.get(rung.name):
            rendition.feed_video(media, self._unix_time())

    def _release(self) -> list[TranscodedRendition]:
        renditions = list(self._renditions.values())
        self._renditions.clear()
        return renditions
