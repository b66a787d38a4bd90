"""Calls the handlers of a bus's subscribers. An error in a handler is logged and does not stop the bus."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from streaming_app.backend.adapters.metrics.operations import measured_bus
from streaming_app.backend.bus import Delivery, Handler
from streaming_app.backend.errors import BusUnavailableError, StoreUnavailableError
from streaming_app.backend.failure_logging import log_failure
from streaming_app.backend.periodic import failure_of
from streaming_app.backend.request_ids import working_on
from streaming_app.backend.tracing import handling_span

log = logging.getLogger(__name__)


@measured_bus("handle")
async def call_handler(handler: Handler, batch: Sequence[Delivery]) -> BaseException | None:
    """Call ``handler``. Log and return the exception that it raised, or return ``None``.

    The handler works on the requests and traces in which the events were published.
    """
    topic = batch[0].event.topic
    with (
        working_on(delivery.request_id for delivery in batch),
        handling_span(topic, (delivery.trace_parent for delivery in batch)) as span,
    ):
        failure = await failure_of(partial(handler, batch))
        if failure is not None:
            span.failed(failure)
            log_failure(log, failure, "A handler of %s failed on a batch of %d", topic, len(batch))
        else:
            log.debug("Handled %d event(s) of %s", len(batch), topic)
    return failure


def is_outage(failure: BaseException | None) -> bool:
    """Whether the failure is an outage, so that the same batch may succeed later."""
    return isinstance(
        failure, StoreUnavailableError | BusUnavailableError | OSError | TimeoutError | asyncio.CancelledError
    )
