"""Temporary folders and settings for a site that is measured."""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from streaming_app.backend.config import Settings
from tests.rig.site import environment_of

MEMORY = Path("/dev/shm")  # noqa: S108 - a new folder is created in it


@dataclass(frozen=True, slots=True)
class SiteEnvironment:
    """The folder and environment of a site."""

    folder: Path
    environment: dict[str, str]

    @property
    def settings(self) -> Settings:
        """Return the settings, read as the site itself reads them."""
        return Settings.model_validate({name.lower(): value for name, value in self.environment.items()})


@contextmanager
def temporary_site(ports: Mapping[str, int], changes: Mapping[str, str]) -> Generator[SiteEnvironment]:
    """Yield the environment of a site on these ports; live video is kept in memory if the system has ``/dev/shm``."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-") as folder,
        tempfile.TemporaryDirectory(prefix="benchmark-", dir=MEMORY if MEMORY.is_dir() else None) as live,
    ):
        environment = {**environment_of(Path(folder) / "data", ports), "LIVE_DIR": live, **changes}
        yield SiteEnvironment(Path(folder), environment)
