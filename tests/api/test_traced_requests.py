"""The spans of HTTP requests."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.traces.tracer import OpenTelemetryTracer
from streaming_app.backend.api.traced_requests import TracedRequests
from streaming_app.backend.tracing import using_tracer
from tests.api.conftest import ORIGIN


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """The spans that are created during the test."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with using_tracer(OpenTelemetryTracer(provider, "local")):
        yield exporter


@pytest.fixture
async def client(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(TracedRequests(api), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN}) as client:
        yield client


def told(spans: InMemorySpanExporter) -> list[tuple[str, object]]:
    return [(span.name, (span.attributes or {})["http.response.status_code"]) for span in spans.get_finished_spans()]


async def test_spans_have_the_route_and_the_status(
    client: httpx.AsyncClient, spans: InMemorySpanExporter, ana: User
) -> None:
    await client.get("/api/v1/users/Ana?token=secret")
    await client.post("/api/channels/ana-has-none/messages", json={"text": "hello"})
    await client.get("/api/ana/was-here")
    await client.request("ANA", "/api/channels/live")

    assert told(spans) == [
        ("GET /api/v1/users/{username}", 200),
        ("POST /api/channels/{channel_id}/messages", 401),
        ("GET /api/{path}", 404),
        ("_OTHER /api/channels/live", 405),
    ]
    assert "ana" not in written(spans.get_finished_spans()).lower()
    assert "secret" not in written(spans.get_finished_spans())


async def test_health_checks_are_not_traced(client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    assert (await client.get("/api/live")).status_code == 204
    assert (await client.get("/api/health")).status_code in {200, 503}

    assert told(spans) == []


async def test_a_failed_request_is_marked(api: FastAPI, client: httpx.AsyncClient, spans: InMemorySpanExporter) -> None:
    del api.state.backend

    await client.get("/api/channels/live")

    [span] = spans.get_finished_spans()
    assert (span.attributes or {})["error.type"] == "503"
    assert not span.status.is_ok


def written(spans: tuple[ReadableSpan, ...]) -> str:
    return "\n".join(span.to_json() for span in spans)
