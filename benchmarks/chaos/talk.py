"""Writers who post chat messages through the public API, each again until it is acknowledged or refused."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus

import httpx

from benchmarks.chaos.population import Channel, Person
from benchmarks.chaos.recovery import CHAT_STALL_SECONDS, Arrivals
from benchmarks.chaos.requests import answer_to, open_client

WORDS = "and then the dragon came back with a bigger axe"


class Talk:
    """The messages of all writers, and the answers to them."""

    def __init__(self, site_url: str, channels: Sequence[Channel], lines_per_second: float) -> None:
        self._site_url = site_url
        self._channels = channels
        self._interval = sum(len(channel.writers) for channel in channels) / lines_per_second
        self._stop = asyncio.Event()
        self.acknowledged: dict[str, list[str]] = {channel.channel_id: [] for channel in channels}
        """Ids of the acknowledged messages, by channel."""
        self.acknowledgements = {channel.channel_id: Arrivals(CHAT_STALL_SECONDS) for channel in channels}
        self.refused: Counter[str] = Counter()
        """Number of messages that were refused for good, by the text of the answer."""

    async def run(self) -> None:
        """Write until ``stop`` is called, and return when all messages are answered."""
        writers = [(channel, writer) for channel in self._channels for writer in channel.writers]
        await asyncio.gather(
            *(
                self._write(channel, writer, number, self._interval * number / len(writers))
                for number, (channel, writer) in enumerate(writers)
            )
        )

    def stop(self) -> None:
        """Begin no more messages."""
        self._stop.set()

    async def _write(self, channel: Channel, writer: Person, name: int, after_seconds: float) -> None:
        due = time.monotonic() + after_seconds
        async with open_client(self._site_url) as client:
            for number in itertools.count():
                with suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, due - time.monotonic())):
                        await self._stop.wait()
                if self._stop.is_set():
                    return
                await self._post(client, channel, writer, f"w{name:03}-{number:06}")
                due = max(due + self._interval, time.monotonic())

    async def _post(self, client: httpx.AsyncClient, channel: Channel, writer: Person, client_id: str) -> None:
        message = {"text": f"{client_id} {WORDS}", "id": client_id}
        answer = await answer_to(client, "POST", channel.messages_path, body=message, headers=writer.headers)
        if answer.status_code == HTTPStatus.CREATED:
            self.acknowledged[channel.channel_id].append(answer.json()["id"])
            self.acknowledgements[channel.channel_id].add()
        else:
            self.refused[f"{answer.status_code} {answer.text[:200]}"] += 1
