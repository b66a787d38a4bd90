"""Logs the outages of a store: one line when an outage begins and one when it ends."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager

from streaming_app.backend.errors import StoreUnavailableError
from streaming_app.backend.failure_causes import cause_of

log = logging.getLogger(__name__)


class OutageReporter:
    """Reports the outages of one store."""

    def __init__(
        self,
        store: str,
        outages: tuple[type[Exception], ...],
        refusals: tuple[type[Exception], ...],
        words: Callable[[Exception], str] = cause_of,
    ) -> None:
        self._store = store
        self._outages = outages
        self._refusals = refusals
        """Exceptions among ``outages`` that are valid answers of the store, such as a violated constraint."""
        self._words = words
        """Says why an exception among ``outages`` happened."""
        self._is_away = False

    @contextmanager
    def watch(self) -> Generator[None]:
        """Watch a call of the store in the context; raises ``StoreUnavailableError`` if the store does not answer."""
        try:
            yield
        except self._refusals:
            raise
        except self._outages as failed:
            cause = self._words(failed)
            if not self._is_away:
                log.error("%s does not answer (%s)", self._store, cause, extra={"cause": cause})  # noqa: TRY400 - one line
            self._is_away = True
            raise StoreUnavailableError(cause) from failed
        if self._is_away:
            log.info("%s answers again", self._store)
        self._is_away = False
