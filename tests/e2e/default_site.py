"""The site with default settings, except ports and short waits. Modules share it, because every start takes seconds."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from tests.rig.site import Site, running_site

DEFAULT_SETTINGS = {"RECONNECT_GRACE": "8"}
MANY_TABS = {"TABS_MAX_PER_ADDRESS": "5000"}
"""All users of the tests have the same address, and the site remembers their tabs for half an hour."""


class DefaultSite:
    """Runs from its first use until another site needs its ports."""

    def __init__(self, folder: Path, ports: Mapping[str, int]) -> None:
        self.ports = dict(ports)
        self._folder = folder
        self._starts = 0
        self._site: Site | None = None
        self._running = ExitStack()

    def running(self) -> Site:
        """Return the site. Start it, without any data, if it does not run or does not answer."""
        if self._site and not self._site.answers():
            self.stop()
        if self._site is None:
            self._starts += 1
            folder = self._folder / str(self._starts)
            self._site = self._running.enter_context(running_site(folder, self.ports, DEFAULT_SETTINGS | MANY_TABS))
        return self._site

    def stop(self) -> None:
        """Stop the site if it runs."""
        self._site = None
        self._running.close()
