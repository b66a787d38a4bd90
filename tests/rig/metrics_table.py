"""The table of metrics in ``docs/operating.md``, as the code defines it."""

from prometheus_client.metrics import MetricWrapperBase

from streaming_app.backend.adapters.metrics.definitions import GROUPS

HEAD = ["| metric | type | labels | processes | meaning |", "|---|---|---|---|---|"]
_SUFFIXES = {"counter": "_total", "info": "_info"}


def metrics_table() -> list[str]:
    """Return the lines of the table."""
    return HEAD + [_row(metric, processes) for processes, metrics in GROUPS.items() for metric in metrics]


def _row(metric: MetricWrapperBase, processes: str) -> str:
    [family] = metric.collect()
    labels = ", ".join(metric._labelnames)  # pyright: ignore[reportPrivateUsage] - has no public name
    name = family.name + _SUFFIXES.get(family.type, "")
    return f"| `{name}` | {family.type} | {labels} | {processes} | {family.documentation} |"
