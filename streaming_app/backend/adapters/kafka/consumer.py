"""Opening consumers, and opening them again after an outage."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

log = logging.getLogger(__name__)

BATCH_MAX = 500
"""Records handled, and committed, at once."""
POLL_MS = 1000
"""A wait for records ends so often without any; new ones end it at once."""
REOPEN_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
"""Between attempts; the last one repeats."""


@asynccontextmanager
async def open_consumer(bootstrap_servers: str, *topics: str, **options: Any) -> AsyncGenerator[AIOKafkaConsumer]:
    """A consumer without automatic commits; raises ``KafkaError`` when Kafka is out of reach."""
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=bootstrap_servers, enable_auto_commit=False, **options)
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def keep_consuming(name: str, consume: Callable[[], Coroutine[Any, Any, None]]) -> NoReturn:
    """Call ``consume`` again whenever it ends, by whatever error; until cancelled."""
    attempt = 0
    clock = asyncio.get_running_loop().time
    while True:
        started = clock()
        [error] = await asyncio.gather(consume(), return_exceptions=True)
        attempt = 0 if clock() - started > REOPEN_SECONDS[-1] else attempt + 1
        if attempt <= 1:
            log.warning("%s lost Kafka and tries on: %r", name, error, exc_info=_unexpected(error))
        await asyncio.sleep(REOPEN_SECONDS[min(attempt, len(REOPEN_SECONDS) - 1)])


def _unexpected(error: BaseException | None) -> BaseException | None:
    return None if isinstance(error, (KafkaError, TimeoutError)) else error
