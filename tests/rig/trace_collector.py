"""A collector of traces: a server of OTLP over HTTP, which decodes what processes send."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import FastAPI, Request, Response
from google.protobuf.json_format import MessageToJson
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.rig.ports import HOST, free_port
from tests.rig.serving import serving_in_thread

KINDS = {
    Span.SPAN_KIND_INTERNAL: "internal",
    Span.SPAN_KIND_SERVER: "server",
    Span.SPAN_KIND_PRODUCER: "producer",
    Span.SPAN_KIND_CONSUMER: "consumer",
}
QUICKLY = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_EXPORTER_OTLP_TIMEOUT": "5"}
"""Environment of a process that sends its spans after 50 ms."""


@dataclass(frozen=True)
class ReceivedSpan:
    """A span, with the name of its service."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    """Empty for the first span of a trace."""
    attributes: Mapping[str, object]
    has_failed: bool


@dataclass
class TraceCollector:
    """The server. ``tests/conftest.py`` searches its log for secrets, like all logs."""

    log: Path
    port: int = field(default_factory=free_port)
    spans: list[ReceivedSpan] = field(default_factory=list[ReceivedSpan])
    """All accepted spans, oldest first."""
    requests: int = 0
    """Number of requests, refused ones included."""
    status: int = 200
    """Status of the answers. With another one than 200, spans are refused."""

    @property
    def url(self) -> str:
        """Value of ``OTEL_EXPORTER_OTLP_ENDPOINT``."""
        return f"http://{HOST}:{self.port}"

    @property
    def text(self) -> str:
        """Everything that was received, as JSON."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def named(self, name: str) -> list[ReceivedSpan]:
        """Return the spans of this name."""
        return [span for span in self.spans if span.name == name]

    def children_of(self, parent: ReceivedSpan) -> list[ReceivedSpan]:
        """Return the spans of the same trace whose parent this is."""
        return [s for s in self.spans if (s.trace_id, s.parent_id) == (parent.trace_id, parent.span_id)]

    def app(self) -> FastAPI:
        """Return the ASGI application."""
        app = FastAPI()

        @app.post("/v1/traces")
        async def receive(request: Request) -> Response:
            message = ExportTraceServiceRequest.FromString(await request.body())
            self.requests += 1
            if self.status == 200:
                self._keep(message)
            answer = ExportTraceServiceResponse().SerializeToString()
            return Response(answer, self.status, media_type="application/x-protobuf")

        return app

    def _keep(self, message: ExportTraceServiceRequest) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(MessageToJson(message) + "\n")
        for resource in message.resource_spans:
            service = str(_read(resource.resource.attributes)["service.name"])
            self.spans += [_received(service, span) for scope in resource.scope_spans for span in scope.spans]


@contextmanager
def running_collector(folder: Path) -> Generator[TraceCollector]:
    """Run the server in a thread while the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    collector = TraceCollector(folder / "traces.log")
    with serving_in_thread(collector.app(), collector.port):
        yield collector


def _received(service: str, span: Span) -> ReceivedSpan:
    return ReceivedSpan(
        service,
        span.name,
        KINDS[span.kind],
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        _read(span.attributes),
        span.status.code == Status.STATUS_CODE_ERROR,
    )


def _read(attributes: "list[KeyValue] | object") -> dict[str, object]:
    pairs: list[KeyValue] = list(attributes)  # pyright: ignore[reportArgumentType] - protobuf has a list type of its own
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    return getattr(value, kind) if kind else None
