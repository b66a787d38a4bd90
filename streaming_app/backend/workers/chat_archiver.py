"""Writes all chat messages to the archive."""

import asyncio

from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.events import ACCOUNTS_TOPIC, CHAT_TOPIC

GROUP = "chat-archiver"
"""The consumer group; its committed offsets mark what is archived."""


async def run(backend: Backend) -> None:
    """Archive until cancelled. The current batch is completed first."""
    async with backend.bus.subscribe([CHAT_TOPIC, ACCOUNTS_TOPIC], backend.chat_archiver.handle, group=GROUP):
        await asyncio.Event().wait()
