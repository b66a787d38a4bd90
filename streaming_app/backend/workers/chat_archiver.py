"""Keeps everything that is said in chat."""

import asyncio

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.events import CHAT_TOPIC

GROUP = "chat-archiver"
"""The durable group whose place in the topic says what is archived."""


async def run(backend: Backend) -> None:
    """Archive until cancelled; the batch under way is finished then."""
    async with backend.bus.subscribe([CHAT_TOPIC], backend.chat_archiver.handle, group=GROUP):
        await asyncio.Event().wait()
