"""A chat message in a trace: from the request, over a real Kafka, to a worker in another process."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.traces.exporting import exporting_traces
from streaming_app.backend.api.app import create_api
from streaming_app.backend.api.request_id_middleware import RequestIds
from streaming_app.backend.api.traced_requests import TracedRequests
from streaming_app.backend.bootstrap import Backend
from tests.rig.conditions import until
from tests.rig.ports import HOST, free_port
from tests.rig.serving import serving
from tests.rig.trace_collector import QUICKLY, ReceivedSpan, TraceCollector, running_collector
from tests.workers.conftest import Start

FORGED = "00-" + "1" * 32 + "-" + "2" * 16 + "-01"
POSTED = "POST /api/channels/{channel_id}/messages"
SENT = "send streaming.chat.v1"
HANDLED = "process streaming.chat.v1"


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[TraceCollector]:
    with running_collector(tmp_path) as collector:
        yield collector


@pytest.fixture
async def api(backend: Backend, collector: TraceCollector, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Address of an API that exports traces."""
    for name, value in QUICKLY.items():
        monkeypatch.setenv(name, value)
    settings = backend.settings.model_copy(update={"otel_exporter_otlp_endpoint": collector.url})
    app, port = create_api(), free_port()
    app.state.backend = backend
    async with exporting_traces(settings, "web"), serving(RequestIds(TracedRequests(app)), port):
        yield f"http://{HOST}:{port}"


async def post(api: str, backend: Backend, texts: list[str]) -> list[str]:
    """Post messages as a program does, and return the ids of the requests."""
    user = User("u1", "Ann", "ann@example.com", "no hash", datetime.now(UTC))
    await backend.store.users.add(user)
    channel = await backend.channels.get_or_create(user)
    token = await backend.api_tokens.create(user.user_id, NewToken("test", ("chat:write",), "7"))
    address = f"{api}/api/channels/{channel.channel_id}/messages?from=Ann"
    headers = {"authorization": f"Bearer {token}", "traceparent": FORGED, "user-agent": "Ann's bot"}
    async with httpx.AsyncClient(headers=headers) as client:
        answers = await asyncio.gather(*(client.post(address, json={"text": text}) for text in texts))
    assert [answer.status_code for answer in answers] == [201] * len(texts)
    return [answer.headers["x-request-id"] for answer in answers]


def path_of(collector: TraceCollector, request: ReceivedSpan) -> list[tuple[str, str, str]]:
    """Return service, kind and name of the spans from ``request`` to the worker."""
    [sent] = collector.children_of(request)
    [handled] = collector.children_of(sent)
    return [(span.service, span.kind, span.name) for span in (request, sent, handled)]


async def test_a_message_is_one_trace_from_the_request_to_the_archive(
    api: str, backend: Backend, collector: TraceCollector, start: Start
) -> None:
    archiver = start(
        *("worker", "chat-archiver"),
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
        **QUICKLY,
        LOG_LEVEL="debug",
    )
    [request_id] = await post(api, backend, ["a secret text"])
    await asyncio.to_thread(archiver.wait_until_said, "Handled 1 event(s) of streaming.chat.v1")
    await until(lambda: bool(collector.named(POSTED) and collector.named(HANDLED)), "all spans were received")
    await asyncio.to_thread(archiver.stop)

    [request] = collector.named(POSTED)
    assert path_of(collector, request) == [
        ("streaming_app.web", "server", POSTED),
        ("streaming_app.web", "producer", SENT),
        ("streaming_app.worker.chat-archiver", "consumer", HANDLED),
    ]
    assert request.parent_id == ""
    assert request.trace_id not in FORGED
    assert request.attributes["streaming_app.request_id"] == request_id
    [line] = [line for line in map(json.loads, archiver.output().splitlines()) if "Handled 1" in line["event"]]
    assert line["trace_id"] == request.trace_id
    for private in ("a secret text", "Ann", "ann@example.com", "from=", HOST):
        assert private not in collector.text


async def test_messages_that_a_worker_handles_together_stay_in_their_traces(
    api: str, backend: Backend, collector: TraceCollector, start: Start
) -> None:
    await post(api, backend, ["one", "two", "three"])  # Kafka has all of them before the worker starts
    start("worker", "chat-archiver", OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, **QUICKLY)
    await until(lambda: len(collector.named(HANDLED)) == 3, "all messages were handled", 60)
    await until(lambda: len(collector.named(POSTED)) == 3, "all requests were received")

    requests = collector.named(POSTED)
    assert len({request.trace_id for request in requests}) == 3
    for request in requests:
        assert [name for _, _, name in path_of(collector, request)] == [POSTED, SENT, HANDLED]
