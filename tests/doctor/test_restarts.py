"""How ``doctor`` counts the restarts of programs in the metrics of the supervisor."""

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from streaming_app.backend.adapters.metrics.definitions import PROGRAM_RESTARTS
from streaming_app.backend.doctor.processes import find_restarts

HOUR = 3600


def messages(program: str, restarts: int, after_seconds: float) -> list[str]:
    """Return what is found if a program was restarted so often and the supervisor started so long ago."""
    PROGRAM_RESTARTS.labels(program).inc(restarts)
    registry = CollectorRegistry()
    registry.register(PROGRAM_RESTARTS)
    text = (generate_latest(REGISTRY) + generate_latest(registry)).decode()
    PROGRAM_RESTARTS.remove(program)
    metrics = {metric.name: metric for metric in text_string_to_metric_families(text)}
    started_at = metrics["process_start_time_seconds"].samples[0].value
    return [finding.message for finding in find_restarts(metrics, started_at + after_seconds)]


def test_restarts_are_compared_with_the_time_since_the_supervisor_started() -> None:
    assert messages("web", 3, 200) == ["web was restarted 3 times in the last hour."]
    assert messages("web", 30, 10 * HOUR) == ["web was restarted 30 times in the last 10 hours."]


def test_a_few_restarts_in_a_long_time_are_no_finding() -> None:
    assert messages("web", 3, 365 * 24 * HOUR) == []
    assert messages("web", 2, 200) == []
