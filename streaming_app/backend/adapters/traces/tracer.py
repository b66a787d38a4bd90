"""Creates spans with OpenTelemetry."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, nullcontext

from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, get_current_span, use_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from streaming_app.backend.adapters.traces.span_exporter import OwnSpanExporter
from streaming_app.backend.tracing import TRACE_PARENT, HandlingSpan, RequestSpan

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER_METHOD = "_OTHER"
"""Method of requests whose own may be any text of a client."""
SERVER_ERROR = 500

Attributes = Mapping[str, str | int]

_propagator = TraceContextTextMapPropagator()


def open_provider(endpoint: str, service: str) -> TracerProvider:
    """Return a provider that exports to ``endpoint`` in a thread. It drops spans that the collector does not accept.

    It is not the global one, because then libraries would add spans with addresses and queries.
    """
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: service}), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OwnSpanExporter(endpoint)))
    return provider


class OpenTelemetryTracer:
    """Implements ``tracing.Tracer``."""

    def __init__(self, provider: TracerProvider, bus: str) -> None:
        """``bus`` is the kind of the event bus."""
        self._tracer = provider.get_tracer("streaming_app")
        self._bus = bus

    @contextmanager
    def request(self, method: str, request_id: str) -> Generator[RequestSpan]:
        method = method if method in METHODS else OTHER_METHOD
        span = self._tracer.start_span(
            method,
            Context(),  # whatever ``traceparent`` a client sends
            SpanKind.SERVER,
            {"http.request.method": method, "streaming_app.request_id": request_id},
        )
        with _current(span):
            yield _Request(span, method)

    @contextmanager
    def publication(self, topic: str, event: str) -> Generator[None]:
        if not get_current_span().get_span_context().is_valid:
            yield
            return
        attributes = {**self._messaging("send", topic), "streaming_app.event": event}
        with _current(self._tracer.start_span(f"send {topic}", kind=SpanKind.PRODUCER, attributes=attributes)):
            yield

    @contextmanager
    def handling(self, topic: str, trace_parents: Iterable[str]) -> Generator[HandlingSpan]:
        given = list(trace_parents)
        attributes = {**self._messaging("process", topic), "messaging.batch.message_count": len(given)}
        parents = [_propagator.extract({TRACE_PARENT: each}, Context()) for each in dict.fromkeys(given) if each]
        spans = [
            self._tracer.start_span(f"process {topic}", parent, SpanKind.CONSUMER, attributes)
            for parent in parents
            if get_current_span(parent).get_span_context().is_valid
        ]
        try:
            with use_span(spans[0]) if len(spans) == 1 else nullcontext():
                yield _Handling(spans)
        finally:
            for span in spans:
                span.end()

    def current_trace_parent(self) -> str:
        carrier: dict[str, str] = {}
        _propagator.inject(carrier)
        return carrier.get(TRACE_PARENT, "")

    def current_trace_id(self) -> str:
        context = get_current_span().get_span_context()
        return f"{context.trace_id:032x}" if context.is_valid else ""

    def _messaging(self, operation: str, topic: str) -> Attributes:
        return {
            "messaging.system": self._bus,
            "messaging.operation.type": operation,
            "messaging.destination.name": topic,
        }


class _Request:
    def __init__(self, span: Span, method: str) -> None:
        self._span = span
        self._method = method

    def answered(self, route: str, status: int) -> None:
        if route:
            self._span.update_name(f"{self._method} {route}")
            self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        if status >= SERVER_ERROR:
            _fail(self._span, str(status))


class _Handling:
    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans

    def failed(self, failure: BaseException) -> None:
        for span in self._spans:
            _fail(span, type(failure).__name__)


@contextmanager
def _current(span: Span) -> Generator[None]:
    """Make ``span`` the current one while the context is open, and end it then."""
    with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except Exception as failure:
            _fail(span, type(failure).__name__)
            raise


def _fail(span: Span, kind: str) -> None:
    """Mark the span as failed. ``kind`` is the type of the error: its message may contain what users wrote."""
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR)
