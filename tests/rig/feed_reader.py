"""A reader of a channel's feed that reconnects, as a page does."""

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from picows import WSError

from tests.rig.conditions import until
from tests.rig.feed_client import FeedClient, connect, leave


class Reader:
    """A reader of a channel that reconnects to a random port when its connection is lost."""

    def __init__(self, ports: Sequence[int], channel_id: str, seed: int) -> None:
        self._ports = ports
        self._channel_id = channel_id
        self._pick = random.Random(seed)  # noqa: S311 - not used for security
        self.client = FeedClient()
        self.welcomes = 0
        self._is_leaving = False

    @property
    def ids(self) -> list[str]:
        return [message["id"] for message in self.client.messages]

    async def read_on(self) -> None:
        """Read until ``leave`` is called."""
        while not self._is_leaving:
            messages = self.client.messages
            after = f"?after={messages[-1]['cursor']}" if messages else ""
            client = FeedClient(messages)
            try:
                await connect(self._pick.choice(self._ports), f"/feed/{self._channel_id}{after}", client=client)
            except (OSError, TimeoutError, WSError):
                await asyncio.sleep(0.05)
            else:
                await self._read(client, resumes=bool(messages))

    async def _read(self, client: FeedClient, *, resumes: bool) -> None:
        if client.welcome["type"] == "welcome":
            assert client.welcome["resumed"] is resumes
            self.client = client
            self.welcomes += 1
        await client.is_gone()

    async def leave(self) -> None:
        """Stop reading."""
        self._is_leaving = True
        if self.welcomes:
            await leave(self.client)


@asynccontextmanager
async def reading(readers: Sequence[Reader]) -> AsyncGenerator[None]:
    """Let the readers read while the block runs, from when all are connected. All leave, also after a failure."""
    tasks = [asyncio.create_task(reader.read_on()) for reader in readers]
    try:
        await until(lambda: all(reader.welcomes for reader in readers), "all readers were there")
        yield
    finally:
        await asyncio.gather(*(reader.leave() for reader in readers))
        await asyncio.gather(*tasks)
