"""nginx sends one request to the packager for all viewers who wait for the same playlist, and answers each of them."""

import asyncio
from collections.abc import AsyncIterator, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from streaming_app.backend.config import Settings
from tests.rig.conditions import until
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST

PLAYLIST = "/ll/c1/source/index.m3u8"
FIRST, SECOND, THIRD = (f"{PLAYLIST}?_HLS_msn=7&_HLS_part={part}&_HLS_skip=YES" for part in range(3))
FENCE = "/ll/fence/index.m3u8"
MANY = 600
"""A number of viewers that nginx does not answer in one loop."""
GONE = "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"


def _found(text: str) -> str:
    return (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\nContent-Length: {len(text)}\r\n\r\n{text}"
    )


@dataclass
class Packager:
    """A server in place of the packager, which answers only when the test says so."""

    asked: list[str] = field(default_factory=list[str])
    _waiting: dict[str, asyncio.StreamWriter] = field(default_factory=dict[str, asyncio.StreamWriter])
    _connections: list[asyncio.StreamWriter] = field(default_factory=list[asyncio.StreamWriter])

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.append(writer)
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            question = line.split()[1].decode()
            self.asked.append(question)
            self._waiting[question] = writer

    async def until_async(self, question: str) -> None:
        await until(lambda: question in self._waiting, f"{question} was asked")

    def answer(self, question: str, answer: str = "") -> None:
        self._waiting.pop(question).write((answer or _found("#EXTM3U")).encode())

    def hang_up(self, question: str, last_words: str = "") -> None:
        writer = self._waiting.pop(question)
        writer.write(last_words.encode())
        writer.close()

    async def close(self) -> None:
        for writer in self._connections:
            writer.close()
            await writer.wait_closed()


@dataclass(frozen=True)
class Viewer:
    """One connection to nginx."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, address: str) -> None:
        self.writer.write(f"GET {address} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        await self.writer.drain()

    async def answer(self) -> tuple[int, str]:
        """Return status and body of the answer."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        return int(head.split()[1]), (await self.reader.readexactly(length)).decode()

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


@dataclass(frozen=True)
class Door:
    """The nginx in front of the packager."""

    port: int
    packager: Packager
    viewers: list[Viewer] = field(default_factory=list[Viewer])

    async def come(self, count: int) -> list[Viewer]:
        new = [Viewer(*await asyncio.open_connection(HOST, self.port)) for _ in range(count)]
        self.viewers.extend(new)
        return new

    async def ask(self, viewers: Sequence[Viewer], address: str) -> None:
        """Send the request of each viewer, and wait until nginx has read all of them.

        nginx reads requests in order of arrival, so it has read all when it asks the packager for ``FENCE``.
        """
        for viewer in viewers:
            await viewer.ask(address)
        [last] = await self.come(1)
        await last.ask(FENCE)
        await self.packager.until_async(f"/for/1{FENCE}")
        self.packager.answer(f"/for/1{FENCE}")
        await last.answer()
        self.packager.asked.remove(f"/for/1{FENCE}")


@pytest.fixture
def settings(tmp_path: Path) -> Generator[Settings]:
    settings = nginx_settings(tmp_path)
    with running_front(settings):
        yield settings


@pytest.fixture
async def packager(settings: Settings) -> AsyncIterator[Packager]:
    packager = Packager()
    async with await asyncio.start_server(packager.listen, HOST, settings.packager_port):
        yield packager
        await packager.close()


@pytest.fixture
async def door(settings: Settings, packager: Packager) -> AsyncIterator[Door]:
    door = Door(settings.http_port, packager)
    yield door
    for viewer in door.viewers:
        await viewer.close()


async def _answers(viewers: Sequence[Viewer]) -> set[tuple[int, str]]:
    return {await viewer.answer() for viewer in viewers}


async def test_the_packager_gets_one_request_with_the_number_of_viewers(door: Door, packager: Packager) -> None:
    viewers = await door.come(MANY)
    await door.ask(viewers, FIRST)
    packager.answer(f"/for/1{FIRST}")
    assert await _answers(viewers) == {(200, "#EXTM3U")}

    await door.ask(viewers[1:], SECOND)
    packager.answer(f"/for/{MANY}{SECOND}")
    await _answers(viewers[1:])

    await door.ask(viewers[:1], THIRD)
    await packager.until_async(f"/for/{MANY - 1}{THIRD}")
    assert len(packager.asked) == 3


async def test_viewers_who_request_another_part_keep_waiting(door: Door, packager: Packager) -> None:
    one, other = await door.come(2)
    await door.ask([one], FIRST)
    await door.ask([other], SECOND)

    packager.answer(f"/for/1{FIRST}", _found("first"))
    assert await one.answer() == (200, "first")
    packager.answer(f"/for/1{SECOND}", _found("second"))

    assert await other.answer() == (200, "second")


async def test_a_slightly_late_request_gets_the_same_answer(door: Door, packager: Packager) -> None:
    early, late = await door.come(2)
    await door.ask([early], FIRST)
    packager.answer(f"/for/1{FIRST}")
    await early.answer()

    await late.ask(FIRST)

    assert await late.answer() == (200, "#EXTM3U")
    assert packager.asked == [f"/for/1{FIRST}"]


@pytest.mark.parametrize(("address", "answer"), [(FIRST, GONE), (PLAYLIST, "")])
async def test_refusals_and_non_blocking_playlists_are_not_shared(
    door: Door, packager: Packager, address: str, answer: str
) -> None:
    viewers = await door.come(2)
    for viewer in viewers:
        await door.ask([viewer], address)
        packager.answer(f"/for/1{address}", answer)
        assert await viewer.answer() == ((404, "gone") if answer else (200, "#EXTM3U"))

    assert len(packager.asked) == 2


async def test_other_viewers_get_the_answer_if_the_first_one_has_left(door: Door, packager: Packager) -> None:
    first, second = await door.come(2)
    await door.ask([first], FIRST)
    await first.close()
    await door.ask([second], FIRST)

    packager.answer(f"/for/1{FIRST}")

    assert await second.answer() == (200, "#EXTM3U")
    assert len(packager.asked) == 1


async def test_a_dead_packager_is_an_error_for_all_and_they_can_retry(door: Door, packager: Packager) -> None:
    viewers = await door.come(3)
    await door.ask(viewers, FIRST)

    packager.hang_up(f"/for/1{FIRST}")
    assert {status for status, _ in await _answers(viewers)} == {502}
    await door.ask(viewers, FIRST)
    packager.answer(f"/for/1{FIRST}")

    assert await _answers(viewers) == {(200, "#EXTM3U")}


@pytest.mark.parametrize("nonsense", ["SSH-2.0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_an_incomplete_answer_returns_502(door: Door, packager: Packager, nonsense: str) -> None:
    [viewer] = await door.come(1)
    await door.ask([viewer], FIRST)

    packager.hang_up(f"/for/1{FIRST}", nonsense)

    assert (await viewer.answer())[0] == 502
