"""The export of traces: off by default, without private data, and harmless while the collector is away."""

import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import SpanKind, use_span

from streaming_app.backend.adapters.traces import exporting
from streaming_app.backend.adapters.traces.exporting import exporting_traces
from streaming_app.backend.adapters.traces.span_exporter import ATTRIBUTES
from streaming_app.backend.adapters.traces.tracer import OpenTelemetryTracer
from streaming_app.backend.config import Settings
from streaming_app.backend.tracing import (
    current_trace_id,
    current_trace_parent,
    handling_span,
    publication_span,
    request_span,
    using_tracer,
)
from tests.rig.conditions import until
from tests.rig.ports import HOST, free_port
from tests.rig.serving import mute
from tests.rig.trace_collector import QUICKLY, TraceCollector, running_collector

ROOT = Path(__file__).parents[2]
TOPIC = "streaming.chat.v1"
PRIVATE = "Ann wrote this"

NewSettings = Callable[[str], Settings]


@pytest.fixture
def new_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NewSettings:
    """Settings that export traces quickly to this address."""
    for name, value in QUICKLY.items():
        monkeypatch.setenv(name, value)
    return lambda url: Settings(data_dir=tmp_path, otel_exporter_otlp_endpoint=url)


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[TraceCollector]:
    with running_collector(tmp_path) as collector:
        yield collector


def request() -> None:
    """Trace a request."""
    with request_span("GET", "r1") as span:
        span.answered("/api/channels/live", 200)


def test_processes_import_no_package_that_only_traces_or_the_log_sink_need() -> None:
    program = (
        "import asyncio, sys\n"
        "from streaming_app.backend.adapters.traces.exporting import exporting_traces\n"
        "from streaming_app.backend.config import read_settings\n"
        "from streaming_app.backend.workers import chat_archiver, reaper, recorder, runner, thumbnails\n"
        "async def run():\n"
        "    async with exporting_traces(read_settings(), 'worker.chat-archiver') as provider:\n"
        "        assert provider is None\n"
        "asyncio.run(run())\n"
        "parts = ('opentelemetry.sdk.trace', 'opentelemetry.exporter', 'google.protobuf', 'pyarrow')\n"
        "print([name for name in sys.modules if name.startswith(parts)])\n"
    )
    command = [sys.executable, "-c", program]
    environment = {"PATH": os.environ["PATH"]}
    output = subprocess.run(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout

    assert output == "[]\n"


async def test_without_the_setting_there_are_no_traces() -> None:
    async with exporting_traces(Settings(), "web"):
        with request_span("GET", "r1"), publication_span(TOPIC, "ChatMessageSent"):
            assert (current_trace_id(), current_trace_parent()) == ("", "")


async def test_events_outside_of_a_request_are_not_traced() -> None:
    with using_tracer(OpenTelemetryTracer(TracerProvider(), "local")):
        with publication_span(TOPIC, "ViewersCounted"):
            assert current_trace_parent() == ""
        for parent in ("", "no trace", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"):
            with handling_span(TOPIC, [parent]):
                assert current_trace_id() == ""


async def test_a_handler_works_in_the_trace_of_its_events() -> None:
    with using_tracer(OpenTelemetryTracer(TracerProvider(), "local")):
        parents: list[str] = []
        for _ in range(2):
            with request_span("POST", "r1"), publication_span(TOPIC, "ChatMessageSent"):
                parents.append(current_trace_parent())

        with handling_span(TOPIC, [parents[0], "", parents[0]]):
            assert current_trace_id() == parents[0].split("-")[1]
        with handling_span(TOPIC, parents):
            assert current_trace_id() == ""  # there are two


async def test_only_known_attributes_are_exported(new_settings: NewSettings, collector: TraceCollector) -> None:
    attributes = {"url.query": PRIVATE, "client.address": PRIVATE, "session.id": PRIVATE, "reflex.event.name": "send"}
    async with exporting_traces(new_settings(collector.url), "web") as provider:
        assert provider
        tracer = provider.get_tracer("a library")
        span = tracer.start_span("event", kind=SpanKind.CONSUMER, attributes=attributes)
        span.add_event(PRIVATE, {"text": PRIVATE})
        with pytest.raises(ValueError, match=PRIVATE), use_span(span, end_on_exit=True):  # which records the exception
            raise ValueError(PRIVATE)
        with pytest.raises(ValueError, match=PRIVATE), request_span("GET", "r1"):
            raise ValueError(PRIVATE)
        with request_span(PRIVATE, "r2") as answered:
            answered.answered("", 503)

    spans = {span.name: span for span in collector.spans}
    assert spans["event"].attributes == {"reflex.event.name": "send"}
    assert spans["event"].has_failed
    assert spans["GET"].attributes["error.type"] == "ValueError"
    assert spans["_OTHER"].attributes["error.type"] == "503"
    assert {name for span in spans.values() for name in span.attributes} <= ATTRIBUTES.keys()
    assert PRIVATE not in collector.text


async def test_an_outage_of_the_collector_is_logged_once(
    new_settings: NewSettings, collector: TraceCollector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "streaming_app")
    collector.status = 400
    async with exporting_traces(new_settings(collector.url), "web"):
        for number in range(3):
            request()
            await until(lambda least=number: collector.requests > least, "the spans were refused")
        collector.status = 200
        request()
        await until(lambda: bool(collector.spans), "the spans were accepted")

    assert [record.getMessage() for record in caplog.records if record.getMessage().startswith(collector.url)] == [
        f"{collector.url} does not accept traces: they are dropped until it does",
        f"{collector.url} accepts traces again",
    ]


async def test_waiting_spans_are_sent_at_the_end(
    new_settings: NewSettings, collector: TraceCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = new_settings(collector.url)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")
    monkeypatch.setattr(exporting, "CLOSE_SECONDS", 30.0)
    async with exporting_traces(settings, "web"):
        request()

    assert [span.name for span in collector.spans] == ["GET /api/channels/live"]


async def test_a_collector_that_hangs_stops_nothing(
    new_settings: NewSettings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "streaming_app")
    port = free_port()
    async with mute(port):
        async with exporting_traces(new_settings(f"http://{HOST}:{port}"), "web"):
            for _ in range(10_000):  # more than wait for the collector
                request()

        assert "The last traces were not sent: the collector took too long" in caplog.messages


def test_the_attributes_are_documented() -> None:
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")

    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", text, re.MULTILINE))
    assert {name: rows.get(name) for name in ATTRIBUTES} == ATTRIBUTES
