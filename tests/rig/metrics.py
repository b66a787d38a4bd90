"""Reads metrics: of a process over HTTP, or of the process that runs the tests."""

import asyncio
from collections.abc import Iterable
from urllib.request import urlopen

from prometheus_client import Metric
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

from streaming_app.backend.adapters.metrics.definitions import GROUPS, PREFIX
from tests.rig.ports import HOST


class Samples:
    """The samples of one scrape. Names are those of the exposition, without the prefix of the site."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._values = {
            (sample.name.removeprefix(f"{PREFIX}_"), frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    @property
    def names(self) -> set[str]:
        """Names of all samples."""
        return {name for name, _ in self._values}

    def get(self, name: str, **labels: str) -> float | None:
        """Return the value of a sample; ``None`` if there is no such sample."""
        return self._values.get((name, frozenset(labels.items())))

    def labels(self, name: str) -> list[dict[str, str]]:
        """Return the labels of all samples of this name."""
        return [dict(labels) for found, labels in self._values if found == name]


def scrape(port: int) -> Samples:
    """Read the metrics of a process."""
    with urlopen(f"http://{HOST}:{port}/metrics", timeout=10) as answer:
        return Samples(text_string_to_metric_families(answer.read().decode()))


async def scrape_in_thread(port: int) -> Samples:
    """Read the metrics of this process, whose event loop has to answer meanwhile."""
    return await asyncio.to_thread(scrape, port)


def current() -> Samples:
    """Return the values of all metrics in the process that runs the tests. Other tests have increased counters too."""
    metrics: list[MetricWrapperBase] = [metric for group in GROUPS.values() for metric in group]
    return Samples(family for metric in metrics for family in metric.collect())


class Growth:
    """How much counters have grown since this object was created."""

    def __init__(self) -> None:
        self._before = current()

    def of(self, name: str, **labels: str) -> float:
        """Return the increase of a counter, or of the number of observations of a histogram."""
        return (current().get(name, **labels) or 0) - (self._before.get(name, **labels) or 0)
