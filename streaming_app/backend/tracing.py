"""Spans of traces, which follow a request through the bus to the workers. By default there are none.

``adapters/traces`` has the tracer. It is opened only if traces are exported, because it imports OpenTelemetry.
"""

from collections.abc import Generator, Iterable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

TRACE_PARENT = "traceparent"
"""Header of W3C that names a span. A record on Kafka has that in which its event was published, if there was one."""


class RequestSpan(Protocol):
    """The span of an HTTP request."""

    def answered(self, route: str, status: int) -> None:
        """Describe the answer. ``route`` is the path with the names of its parameters; empty if there is none."""
        ...


class HandlingSpan(Protocol):
    """The spans of a batch of events that a handler works on."""

    def failed(self, failure: BaseException) -> None:
        """Mark the handling as failed."""
        ...


class Tracer(Protocol):
    """Creates spans. No name, address, text, path, query or token may be in them (decision 75)."""

    def request(self, method: str, request_id: str) -> AbstractContextManager[RequestSpan]:
        """Begin a trace with the span of an HTTP request."""
        ...

    def publication(self, topic: str, event: str) -> AbstractContextManager[None]:
        """Add a span for publishing an event of this type. Outside of a trace do nothing."""
        ...

    def handling(self, topic: str, trace_parents: Iterable[str]) -> AbstractContextManager[HandlingSpan]:
        """Add a span for handling a batch of events to the trace of each, if it has one."""
        ...

    def current_trace_parent(self) -> str:
        """Return the current span in the form of W3C's header ``traceparent``; empty outside of a trace."""
        ...

    def current_trace_id(self) -> str:
        """Return the id of the current trace; empty outside of a trace."""
        ...


class _NoSpan:
    def answered(self, route: str, status: int) -> None:
        pass

    def failed(self, failure: BaseException) -> None:
        pass


_tracers: list[Tracer] = []
"""The tracer of this process, if there is one."""
_no_span = nullcontext(_NoSpan())
_nothing = nullcontext()


@contextmanager
def using_tracer(tracer: Tracer) -> Generator[None]:
    """Let ``tracer`` create the spans of this process while the context is open."""
    _tracers.append(tracer)
    try:
        yield
    finally:
        _tracers.remove(tracer)


def request_span(method: str, request_id: str) -> AbstractContextManager[RequestSpan]:
    """See ``Tracer.request``."""
    return _tracers[-1].request(method, request_id) if _tracers else _no_span


def publication_span(topic: str, event: str) -> AbstractContextManager[None]:
    """See ``Tracer.publication``."""
    return _tracers[-1].publication(topic, event) if _tracers else _nothing


def handling_span(topic: str, trace_parents: Iterable[str]) -> AbstractContextManager[HandlingSpan]:
    """See ``Tracer.handling``."""
    return _tracers[-1].handling(topic, trace_parents) if _tracers else _no_span


def current_trace_parent() -> str:
    """See ``Tracer.current_trace_parent``."""
    return _tracers[-1].current_trace_parent() if _tracers else ""


def current_trace_id() -> str:
    """See ``Tracer.current_trace_id``."""
    return _tracers[-1].current_trace_id() if _tracers else ""
