"""Where a bus calls its subscribers' code: whatever that raises is theirs, and must not end the bus."""

import asyncio
import logging
from collections.abc import Sequence

from streaming_app.backend.bus import Delivery, Handler
from streaming_app.backend.errors import BusUnavailableError, StoreUnavailableError

log = logging.getLogger(__name__)


async def call_handler(handler: Handler, batch: Sequence[Delivery]) -> BaseException | None:
    """Call ``handler``; what it raised, which goes to the log, or ``None`` when it took the batch."""

    async def call() -> None:
        await handler(batch)

    [failure] = await asyncio.gather(call(), return_exceptions=True)
    if failure is not None:
        topic = batch[0].event.topic
        log.error("A handler of %s failed on a batch of %d: %r", topic, len(batch), failure, exc_info=failure)
    return failure


async def handled_ok(handler: Handler, batch: Sequence[Delivery]) -> bool:
    """Call ``handler``; ``False`` when it raised, which goes to the log."""
    return await call_handler(handler, batch) is None


def is_outage(failure: BaseException | None) -> bool:
    """Whether the same batch can be taken later. Other failures are those of one event, or of the handler."""
    return isinstance(
        failure, StoreUnavailableError | BusUnavailableError | OSError | TimeoutError | asyncio.CancelledError
    )
