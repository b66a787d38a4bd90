"""The metrics that this process exposes at the moment, and how their current values are read."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Generator, Iterable
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from prometheus_client import REGISTRY, Metric, disable_created_metrics
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from streaming_app.backend.failure_logging import log_failure

log = logging.getLogger(__name__)

SAMPLE_SECONDS = 2.0
"""How long the event loop may take to set the gauges. If it is blocked for longer, a scrape does not contain them."""

Sample = Callable[[], Awaitable[None]]
"""Sets gauges to their current values. Called in the event loop, before each scrape."""

disable_created_metrics()  # a time series for each counter and histogram that nobody uses


@dataclass(frozen=True, slots=True, eq=False)
class _Exposure:
    metrics: Collection[MetricWrapperBase]
    sample: Sample | None


_exposures: list[_Exposure] = []


@contextmanager
def exposed(metrics: Collection[MetricWrapperBase], sample: Sample | None = None) -> Generator[None]:
    """Expose ``metrics`` while the context is open. ``sample`` sets those that are gauges before each scrape."""
    exposure = _Exposure(metrics, sample)
    _exposures.append(exposure)
    try:
        yield
    finally:
        _exposures.remove(exposure)


class ProcessCollector(Collector):
    """Collects all exposed metrics, and those of ``prometheus_client`` about memory, CPU time and open files.

    ``collect`` is called in another thread than that of the event loop ``loop``.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = Lock()

    def collect(self) -> Iterable[Metric]:
        """Sample and return all metrics; without those that need the event loop, while it is blocked."""
        with self._lock:  # a sample removes outdated labels, and no other scrape may see a part of its work
            sampling: Future[None] = asyncio.run_coroutine_threadsafe(_sample_all(), self._loop)
            try:
                sampling.result(SAMPLE_SECONDS)
            except TimeoutError:
                sampling.cancel()
                current = [exposure for exposure in _exposures if exposure.sample is None]
            else:
                current = list(_exposures)
            metrics = {id(metric): metric for exposure in current for metric in exposure.metrics}
            return [*REGISTRY.collect(), *(found for metric in metrics.values() for found in metric.collect())]


async def _sample_all() -> None:
    """Call all samples at once. One that fails leaves its gauges as they are."""
    samples = [exposure.sample() for exposure in _exposures if exposure.sample]
    for failure in await asyncio.gather(*samples, return_exceptions=True):
        if failure is not None:
            log_failure(log, failure, "A metric could not be measured")
