"""Exports the traces of a process, if there is a collector. Otherwise the SDK of OpenTelemetry is not imported."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

from streaming_app.backend.background_tasks import finished_within
from streaming_app.backend.config import Settings
from streaming_app.backend.tracing import using_tracer

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

CLOSE_SECONDS = 1.0
"""When the process ends, how long to send the spans that wait."""


@asynccontextmanager
async def exporting_traces(settings: Settings, process: str) -> "AsyncGenerator[TracerProvider | None]":
    """Trace requests and events, and export the spans while the context is open.

    ``process`` is ``web``, ``feed`` or ``worker.<name>``. Yields the provider for a library that creates spans of its
    own; ``None`` without the setting.
    """
    if settings.otel_exporter_otlp_endpoint is None:
        yield None
        return
    from streaming_app.backend.adapters.traces.tracer import OpenTelemetryTracer, open_provider  # noqa: PLC0415

    provider = open_provider(settings.otel_exporter_otlp_endpoint, f"streaming_app.{process}")
    bus = "kafka" if settings.kafka_bootstrap_servers else "local"
    try:
        with using_tracer(OpenTelemetryTracer(provider, bus)):
            yield provider
    finally:
        await _close(provider)


async def _close(provider: "TracerProvider") -> None:
    """Send the spans that wait. If the collector does not answer in time, the thread ends with the process."""
    loop, closed = asyncio.get_running_loop(), asyncio.Event()

    def close() -> None:
        provider.shutdown()
        with suppress(RuntimeError):  # the event loop has ended
            loop.call_soon_threadsafe(closed.set)

    Thread(target=close, name="traces", daemon=True).start()
    if not await finished_within(CLOSE_SECONDS, closed.wait()):
        log.info("The last traces were not sent: the collector took too long")
