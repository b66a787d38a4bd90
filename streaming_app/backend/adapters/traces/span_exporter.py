"""Sends spans to a collector by OTLP over HTTP: only attributes that are listed here, and nothing else about them."""

import logging
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

log = logging.getLogger(__name__)

ATTRIBUTES = {
    "http.request.method": "requests: method; `_OTHER` if it is unusual",
    "http.route": "requests to the API: path, with the names of parameters instead of their values",
    "http.response.status_code": "requests: status of the answer",
    "streaming_app.request_id": "requests: id of the request, as in the logs",
    "reflex.event.name": "events of pages: the function that handles the event",
    "reflex.event.background": "events of pages: whether it runs in the background",
    "messaging.system": "events of the bus: `kafka`, or `local` without Kafka",
    "messaging.operation.type": "events of the bus: `send` or `process`",
    "messaging.destination.name": "events of the bus: topic, without the site's prefix",
    "messaging.batch.message_count": "events of the bus: how many were handled together",
    "streaming_app.event": "events of the bus: type of the event that was sent",
    "error.type": "what failed: the status, or the type of the error",
}
"""The attributes that are exported, and what they mean. Nothing in them may name a user, or be written by one."""
PATH = "/v1/traces"


class OwnSpanExporter(SpanExporter):
    """Exports spans without attributes that are not in ``ATTRIBUTES``, without events, and without descriptions.

    Libraries put messages of errors there, and whatever a later version of them adds.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._exporter = OTLPSpanExporter(endpoint.rstrip("/") + PATH)
        self._is_away = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send ``spans``, or drop them. Log the begin and the end of an outage. Called in the thread of the batches."""
        result = self._exporter.export([_cleaned(span) for span in spans])
        is_away = result is not SpanExportResult.SUCCESS
        if is_away and not self._is_away:
            log.warning("%s does not accept traces: they are dropped until it does", self._endpoint)
        elif self._is_away and not is_away:
            log.info("%s accepts traces again", self._endpoint)
        self._is_away = is_away
        return result

    def shutdown(self) -> None:
        """Close the connection to the collector."""
        self._exporter.shutdown()


def _cleaned(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        span.name,
        span.context,
        span.parent,
        span.resource,
        {name: value for name, value in (span.attributes or {}).items() if name in ATTRIBUTES},
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
