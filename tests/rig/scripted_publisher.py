"""A publisher of made-up media, and a clock, for a packager."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from streaming_app.backend.media.tracks import Media


class Publisher:
    """Sends what it is told to, and leaves when it is told to."""

    def __init__(self) -> None:
        self.played: list[str] = []
        self.admits = asyncio.Event()
        """Whether nginx lets the packager join; it does at first."""
        self.admits.set()
        self._queue: asyncio.Queue[Media | None] = asyncio.Queue()

    def send(self, medias: Sequence[Media]) -> None:
        for media in medias:
            self._queue.put_nowait(media)

    def leave(self) -> None:
        self._queue.put_nowait(None)

    async def play(self, channel_id: str, joined: Callable[[], None]) -> AsyncGenerator[Media]:
        self.played.append(channel_id)
        await self.admits.wait()
        joined()
        while (media := await self._queue.get()) is not None:
            yield media


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


async def low(channel_id: str) -> int:
    """Every channel's parts are 200 ms long."""
    return 200
