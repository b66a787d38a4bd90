"""A ZIP archive that is made while it is downloaded, in constant memory."""

import asyncio
import stat
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar, cast

from stream_zip import ZIP_AUTO, MemberFile, stream_zip

CHUNK_BYTES = 256 * 1024
"""Size of the chunks of an archive. Not more than a few chunks are in memory."""
_COMPRESSED, _STORED = 6, 0
"""Levels of compression. Pictures and video are compressed already."""
_MODE = stat.S_IFREG | 0o600

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive."""

    name: str
    content: AsyncIterable[bytes] | Iterable[bytes]
    """Read once. An ``Iterable`` is read in a thread, so it may block."""
    is_compressed: bool = True
    size: int = 0
    """Maximum number of bytes. Sizes of 4 GB and more need the format ZIP64, smaller ones may be left out."""


async def zip_chunks(members: AsyncIterator[Member], at: datetime) -> AsyncGenerator[bytes]:
    """Yield an archive of ``members``, whose files have the modification time ``at``.

    Nothing is read ahead: the next chunk is made when the last one was taken. Each archive has a thread of its own, so
    archives of slow clients delay nothing else.
    """
    loop = asyncio.get_running_loop()

    def files() -> Generator[MemberFile]:
        for member in _in_thread(members, loop):
            level = _COMPRESSED if member.is_compressed else _STORED
            content = member.content
            chunks = _in_thread(content, loop) if isinstance(content, AsyncIterable) else content
            yield member.name, at, _MODE, ZIP_AUTO(member.size, level=level), chunks

    archive = cast("Generator[bytes]", stream_zip(files(), chunk_size=CHUNK_BYTES))
    thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="archive")
    try:
        while chunk := await loop.run_in_executor(thread, next, archive, b""):
            yield chunk
    finally:
        thread.submit(archive.close)  # after the chunk that the thread may be making now
        thread.shutdown(wait=False)


def _in_thread(items: AsyncIterable[Item], loop: asyncio.AbstractEventLoop) -> Generator[Item]:
    """Yield the items in another thread than that of their event loop."""
    iterator = aiter(items)

    async def take() -> tuple[Item, ...]:
        async for item in iterator:
            return (item,)
        return ()

    while taken := asyncio.run_coroutine_threadsafe(take(), loop).result():
        yield taken[0]
