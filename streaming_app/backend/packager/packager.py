"""Which channels are played: those that nginx shows, from before it lets a publisher send."""

import asyncio
import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from streaming_app.backend.media.health import IngestHealth
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.playlist import RenditionReport
from streaming_app.backend.packager.disk_errors import DiskErrorLog
from streaming_app.backend.packager.ladder import Ladder, TranscoderSlots
from streaming_app.backend.packager.live_channel import LiveChannel, PartDuration, Play
from streaming_app.backend.packager.rendition_server import RenditionServer
from streaming_app.backend.packager.segment_folder import SegmentFolder

log = logging.getLogger(__name__)

CHANNEL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
RETRY_SECONDS = 0.25
"""Between two attempts to play what nginx shows."""
RETRY_AFTER_ERROR_SECONDS = 3.0
"""The same when the last one met something that will not be over in a moment."""
ENDED_PLAYLIST_SECONDS = 30.0
"""How long an ended playlist stays for those who are still watching."""


@dataclass(frozen=True, slots=True)
class PackagerConfig:
    """How channels are cut; ``Settings`` documents each."""

    live_dir: Path
    window_seconds: float
    grace_seconds: float
    transcoders: int


class Packager:
    """Starts, watches and ends channels. ``unix_time`` dates what arrives, ``clock`` measures how long ago."""

    def __init__(
        self,
        config: PackagerConfig,
        play: Play,
        part_duration: PartDuration,
        unix_time: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._play = play
        self._part_duration = part_duration
        self._unix_time = unix_time
        self._clock = clock
        self._started_at = unix_time() - clock()
        self._slots = TranscoderSlots(config.transcoders)
        self._disk = DiskErrorLog(config.live_dir.parent, clock)
        self._playbacks: dict[str, _ChannelPlayback] = {}

    def channel(self, channel_id: str) -> LiveChannel | None:
        """The channel, while it is live or has just been."""
        playback = self._playbacks.get(channel_id)
        return playback.channel if playback else None

    def health(self, channel_id: str) -> IngestHealth | None:
        """How a channel's stream arrives; ``None`` when it has none."""
        playback = self._playbacks.get(channel_id)
        return playback.channel.health() if playback and playback.is_publishing else None

    def on_publish(self, channel_id: str, joined: Callable[[], None]) -> Callable[[], None] | None:
        """Nginx is about to let a publisher in: call ``joined`` when it may, for nothing is missed any more.

        What is returned while that is due takes the wish back.
        """
        if not CHANNEL_ID.fullmatch(channel_id):
            joined()
            return None
        return self._play_channel(channel_id).call_when_joined(joined)

    def _play_channel(self, channel_id: str) -> "_ChannelPlayback":
        playback = self._playbacks.get(channel_id)
        if playback is None or playback.channel.window.has_ended:
            playback = self._playbacks[channel_id] = _ChannelPlayback(self._open(channel_id))
        playback.is_publishing = True
        playback.seen_at = self._clock()
        if playback.task is None or playback.task.done():
            playback.task = asyncio.create_task(self._keep_playing(playback))
            playback.task.add_done_callback(partial(_log_failure, channel_id))
        return playback

    def reconcile(self, publishing: Collection[str]) -> None:
        """What nginx shows now: play what is missing, end what has been gone for longer than the grace period."""
        for channel_id in filter(CHANNEL_ID.fullmatch, publishing):
            self._play_channel(channel_id)
        now = self._clock()
        for channel_id, playback in list(self._playbacks.items()):
            playback.is_publishing = channel_id in publishing
            absent_seconds = now - playback.seen_at
            if absent_seconds > self._config.grace_seconds and not playback.channel.window.has_ended:
                playback.disconnect()
                playback.channel.end()
            if absent_seconds > self._config.grace_seconds + ENDED_PLAYLIST_SECONDS:
                self._remove(channel_id)

    async def close(self) -> None:
        """Stop playing; the files go."""
        tasks = [playback.task for playback in self._playbacks.values() if playback.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(playback.channel.close() for playback in self._playbacks.values()))
        for channel_id in list(self._playbacks):
            self._remove(channel_id)

    def _open(self, channel_id: str) -> LiveChannel:
        def make_server(rendition: str, reports: Callable[[], list[RenditionReport]]) -> RenditionServer:
            folder = SegmentFolder(self._config.live_dir / channel_id / rendition)
            window = LiveWindow(folder, self._config.window_seconds, self._monotonic_unix_time())
            return RenditionServer(window, f"/ll-files/{channel_id}/{rendition}", reports)

        ladder = Ladder(self._slots, make_server, self._unix_time, self._clock)
        return LiveChannel(channel_id, ladder, self._monotonic_unix_time, self._disk)

    def _monotonic_unix_time(self) -> float:
        """Unix time as it was in the beginning and has passed since; setting the wall clock does not change it."""
        return self._started_at + self._clock()

    async def _keep_playing(self, playback: "_ChannelPlayback") -> None:
        log.info("Channel %s is played", playback.channel.channel_id)
        is_wanted = True  # nginx may not show the publisher yet
        while is_wanted:
            await playback.channel.play(self._play, playback.join, self._part_duration, self._unix_time)
            playback.is_joined = False
            await asyncio.sleep(RETRY_SECONDS if not playback.channel.issue else RETRY_AFTER_ERROR_SECONDS)
            is_wanted = playback.is_publishing or bool(playback.waiting)
        log.info("Channel %s has no publisher", playback.channel.channel_id)

    def _remove(self, channel_id: str) -> None:
        self._playbacks.pop(channel_id).disconnect()
        SegmentFolder(self._config.live_dir / channel_id).remove()


def _log_failure(channel_id: str, playing: asyncio.Task[None]) -> None:
    """The next look at nginx plays the channel again, if it is still published."""
    if not playing.cancelled() and (failure := playing.exception()):
        log.error("Channel %s could not be played", channel_id, exc_info=failure)


@dataclass(slots=True)
class _ChannelPlayback:
    channel: LiveChannel
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

    def disconnect(self) -> None:
        self.is_joined = False
        if self.task:
            self.task.cancel()
