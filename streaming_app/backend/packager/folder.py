"""Files below one folder, which nginx serves: on a file system in memory where there is one."""

import shutil
from contextlib import suppress
from pathlib import Path


class Folder:
    """Implements ``media.window.Files``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, data: bytes) -> None:
        unfinished = self._path / f".{name}"
        unfinished.write_bytes(data)
        unfinished.replace(self._path / name)

    def delete(self, name: str) -> None:
        (self._path / name).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self._path)
