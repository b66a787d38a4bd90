"""A scripted publisher of generated media, and a clock, for tests of the packager."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from streaming_app.backend.media.tracks import Media


class Publisher:
    """A publisher that sends media and leaves when the test says so."""

    def __init__(self) -> None:
        self.played: list[str] = []
        self.admits = asyncio.Event()
        """Whether nginx lets the packager join. Set at the start."""
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
    """A clock that only the test moves."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds
