"""Where a bus calls its subscribers' code: whatever that raises is theirs, and must not end the bus."""

import asyncio
import logging
from collections.abc import Sequence

from streaming_app.backend.bus import Delivery, Handler

log = logging.getLogger(__name__)


async def took(handler: Handler, batch: Sequence[Delivery]) -> bool:
    """Call ``handler``; ``False`` when it raised, which goes to the log."""

    async def call() -> None:
        await handler(batch)

    [failure] = await asyncio.gather(call(), return_exceptions=True)
    if failure is not None:
        topic = batch[0].event.topic
        log.error("A handler of %s failed on a batch of %d: %r", topic, len(batch), failure, exc_info=failure)
    return failure is None
