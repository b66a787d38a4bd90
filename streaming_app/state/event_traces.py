"""Traces of the events of pages. Reflex creates their spans."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reflex_base import otel

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider


@contextmanager
def traced_events(provider: "TracerProvider | None") -> Generator[None]:
    """Let Reflex create spans with ``provider`` while the context is open, if there is one."""
    if provider is None:
        yield
        return
    otel.enable(provider)
    try:
        yield
    finally:
        otel.disable()
