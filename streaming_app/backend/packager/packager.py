"""Which channels are played: those that nginx shows, from before it lets a publisher send."""

import asyncio
import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from streaming_app.backend.media.health import Health
from streaming_app.backend.media.playlist import Report
from streaming_app.backend.media.window import Window
from streaming_app.backend.packager.channel import Channel, PartLength, Play
from streaming_app.backend.packager.disk import DiskReport
from streaming_app.backend.packager.folder import Folder
from streaming_app.backend.packager.ladder import Ladder, Room
from streaming_app.backend.packager.shelf import Shelf

log = logging.getLogger(__name__)

CHANNEL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
RETRY_SECONDS = 0.25
"""Between two attempts to play what nginx shows."""
TROUBLE_RETRY_SECONDS = 3.0
"""The same when the last one met something that will not be over in a moment."""
LINGER_SECONDS = 30.0
"""How long an ended playlist stays for those who are still watching."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How channels are cut; ``Settings`` documents each."""

    live_dir: Path
    window_seconds: float
    grace_seconds: float
    transcoders: int


class Packager:
    """Starts, watches and ends channels. ``unix_time`` dates what arrives, ``clock`` measures how long ago."""

    def __init__(
        self,
        terms: Terms,
        play: Play,
        part_length: PartLength,
        unix_time: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._terms = terms
        self._play = play
        self._part_length = part_length
        self._unix_time = unix_time
        self._clock = clock
        self._started_at = unix_time() - clock()
        self._room = Room(terms.transcoders)
        self._disk = DiskReport(terms.live_dir.parent, clock)
        self._entries: dict[str, _Entry] = {}

    def channel(self, channel_id: str) -> Channel | None:
        """The channel, while it is live or has just been."""
        entry = self._entries.get(channel_id)
        return entry.channel if entry else None

    def health(self, channel_id: str) -> Health | None:
        """How a channel's stream arrives; ``None`` when it has none."""
        entry = self._entries.get(channel_id)
        return entry.channel.health() if entry and entry.is_publishing else None

    def publisher_arrives(self, channel_id: str, joined: Callable[[], None]) -> Callable[[], None] | None:
        """Nginx is about to let a publisher in: call ``joined`` when it may, for nothing is missed any more.

        What is returned while that is due takes the wish back.
        """
        if not CHANNEL_ID.fullmatch(channel_id):
            joined()
            return None
        return self._play_channel(channel_id).call_when_joined(joined)

    def _play_channel(self, channel_id: str) -> "_Entry":
        entry = self._entries.get(channel_id)
        if entry is None or entry.channel.window.has_ended:
            entry = self._entries[channel_id] = _Entry(self._open(channel_id))
        entry.is_publishing = True
        entry.seen_at = self._clock()
        if entry.task is None or entry.task.done():
            entry.task = asyncio.create_task(self._keep_playing(entry))
            entry.task.add_done_callback(partial(_log_failure, channel_id))
        return entry

    def reconcile(self, publishing: Collection[str]) -> None:
        """What nginx shows now: play what is missing, end what has been gone for longer than the grace period."""
        for channel_id in filter(CHANNEL_ID.fullmatch, publishing):
            self._play_channel(channel_id)
        now = self._clock()
        for channel_id, entry in list(self._entries.items()):
            entry.is_publishing = channel_id in publishing
            absent_seconds = now - entry.seen_at
            if absent_seconds > self._terms.grace_seconds and not entry.channel.window.has_ended:
                entry.hang_up()
                entry.channel.end()
            if absent_seconds > self._terms.grace_seconds + LINGER_SECONDS:
                self._remove(channel_id)

    async def close(self) -> None:
        """Stop playing; the files go."""
        tasks = [entry.task for entry in self._entries.values() if entry.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(entry.channel.close() for entry in self._entries.values()))
        for channel_id in list(self._entries):
            self._remove(channel_id)

    def _open(self, channel_id: str) -> Channel:
        def make_shelf(rendition: str, reports: Callable[[], list[Report]]) -> Shelf:
            folder = Folder(self._terms.live_dir / channel_id / rendition)
            window = Window(folder, self._terms.window_seconds, self._steady_time())
            return Shelf(window, f"/ll-files/{channel_id}/{rendition}", reports)

        ladder = Ladder(self._room, make_shelf, self._unix_time, self._clock)
        return Channel(channel_id, ladder, self._steady_time, self._disk)

    def _steady_time(self) -> float:
        """Unix time as it was in the beginning and has passed since; setting the wall clock does not change it."""
        return self._started_at + self._clock()

    async def _keep_playing(self, entry: "_Entry") -> None:
        log.info("Channel %s is played", entry.channel.channel_id)
        is_wanted = True  # nginx may not show the publisher yet
        while is_wanted:
            await entry.channel.play(self._play, entry.join, self._part_length, self._unix_time)
            entry.is_joined = False
            await asyncio.sleep(RETRY_SECONDS if not entry.channel.trouble else TROUBLE_RETRY_SECONDS)
            is_wanted = entry.is_publishing or bool(entry.waiting)
        log.info("Channel %s has no publisher", entry.channel.channel_id)

    def _remove(self, channel_id: str) -> None:
        self._entries.pop(channel_id).hang_up()
        Folder(self._terms.live_dir / channel_id).remove()


def _log_failure(channel_id: str, playing: asyncio.Task[None]) -> None:
    """The next look at nginx plays the channel again, if it is still published."""
    if not playing.cancelled() and (failure := playing.exception()):
        log.error("Channel %s could not be played", channel_id, exc_info=failure)


@dataclass(slots=True)
class _Entry:
    channel: Channel
    task: asyncio.Task[None] | None = None
    is_publishing: bool = False
    seen_at: float = 0.0
    is_joined: bool = False
    """Whether all that a publisher sends from now on is cut."""
    waiting: dict[Callable[[], None], None] = field(default_factory=dict[Callable[[], None], None])
    """Who is called when that is so, in order of arrival."""

    def call_when_joined(self, joined: Callable[[], None]) -> Callable[[], None] | None:
        if self.is_joined:
            joined()
            return None
        self.waiting[joined] = None
        return partial(self.waiting.pop, joined, None)

    def join(self) -> None:
        self.is_joined = True
        waiting, self.waiting = self.waiting, {}
        for joined in waiting:
            joined()

    def hang_up(self) -> None:
        self.is_joined = False
        if self.task:
            self.task.cancel()
