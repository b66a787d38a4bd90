"""A store that fails: said once when it begins and once when it is over, however many ask meanwhile."""

import logging
from collections.abc import Generator
from contextlib import contextmanager

from streaming_app.backend.errors import StoreUnavailableError

log = logging.getLogger(__name__)


class OutageReporter:
    """The outages of one store."""

    def __init__(self, store: str, outages: tuple[type[Exception], ...], refusals: tuple[type[Exception], ...]) -> None:
        self._store = store
        self._outages = outages
        self._refusals = refusals
        """Among ``outages``, what is an answer all the same."""
        self._is_away = False

    @contextmanager
    def watch(self) -> Generator[None]:
        """Ask the store something; raises ``StoreUnavailableError`` when it does not answer."""
        try:
            yield
        except self._refusals:
            raise
        except self._outages as failed:
            if not self._is_away:
                log.error("%s does not answer (%s)", self._store, type(failed).__name__)  # noqa: TRY400 - one line
            self._is_away = True
            raise StoreUnavailableError from failed
        if self._is_away:
            log.info("%s answers again", self._store)
        self._is_away = False
