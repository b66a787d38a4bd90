"""Files below one folder, which nginx serves: on a file system in memory where there is one."""

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
            except FileNotFoundError:  # the first file, or somebody has removed the folder
                self._path.mkdir(parents=True, exist_ok=True)
                unfinished.write_bytes(data)
        except OSError:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)  # on a full disk, half a file is in the way
            raise
        unfinished.replace(self._path / name)

    def delete(self, name: str) -> None:
        with suppress(FileNotFoundError, NotADirectoryError):
            (self._path / name).unlink()

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        shutil.rmtree(self._path, ignore_errors=True)
