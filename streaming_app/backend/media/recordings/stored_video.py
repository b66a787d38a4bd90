"""The video of a recording as one MP4 file, read from the files of its folder without changing a frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from streaming_app.backend.media.continuous_fragment_times import ContinuedTimes
from streaming_app.backend.media.recordings import index_playlist
from streaming_app.backend.media.recordings.recording_folder import INDEX

CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """Segments that need the same initialization segment."""

    initialization: Path
    connections: Sequence[Sequence[Path]]
    """The segments of each connection of the encoder during the stream."""

    def size(self) -> int:
        """Return the bytes of the files that exist; 0 without the initialization segment. Blocks."""
        if not self.initialization.exists():
            return 0
        files = [self.initialization, *(file for files in self.connections for file in files)]
        return sum(file.stat().st_size for file in files if file.exists())

    def chunks(self) -> Iterator[bytes]:
        """Yield the MP4 file, in which the time continues from connection to connection.

        At most one segment is in memory. Raises ``OSError`` if a file does not exist. Blocks.
        """
        yield self.initialization.read_bytes()
        if len(self.connections) == 1:
            for file in self.connections[0]:
                with file.open("rb") as content:
                    while chunk := content.read(CHUNK_BYTES):
                        yield chunk
            return
        times = ContinuedTimes(self.initialization.read_bytes())
        for files in self.connections:
            times.begin_connection()
            for file in files:
                segment = bytearray(file.read_bytes())
                times.change(segment)
                for at in range(0, len(segment), CHUNK_BYTES):
                    yield bytes(segment[at : at + CHUNK_BYTES])


def stored_videos(folder: Path) -> list[StoredVideo]:
    """Return the videos of a recording: more than one if the encoder changed codec or picture size during the stream.

    Returns none if the folder does not exist.
    """
    try:
        text = (folder / INDEX).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    videos: list[StoredVideo] = []
    content = None
    for name, segments in groupby(index_playlist.read_segments(text), key=lambda segment: segment.init_file):
        before, content = content, _read(folder / name)
        files = [folder / segment.name for segment in segments]
        if videos and content == before:
            videos[-1] = StoredVideo(videos[-1].initialization, [*videos[-1].connections, files])
        else:
            videos.append(StoredVideo(folder / name, [files]))
    return videos


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
