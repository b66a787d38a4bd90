"""The folder with the files of one rendition, from which nginx serves them."""

import shutil
from contextlib import suppress
from pathlib import Path


class SegmentFolder:
    """Implements ``media.live_window.SegmentFiles``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, name: str, data: bytes) -> None:
        unfinished = self._path / f".{name}"
        try:
            try:
                unfinished.write_bytes(data)
            except FileNotFoundError:  # the first file, or the folder was removed
                self._path.mkdir(parents=True, exist_ok=True)
                unfinished.write_bytes(data)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)  # a full disk leaves a partial file
            raise
        unfinished.replace(self._path / name)

    def delete(self, name: str) -> None:
        """Delete a file. A disk that refuses this may be read-only, and still lets real time go on."""
        with suppress(OSError):
            (self._path / name).unlink()

    def remove(self) -> None:
        """Delete the folder with all files in it."""
        shutil.rmtree(self._path, ignore_errors=True)
