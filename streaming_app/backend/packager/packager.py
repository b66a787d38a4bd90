"""Plays all channels that have a publisher, from before nginx accepts the publisher."""

import asyncio
import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.playlist import RenditionReport
from streaming_app.backend.media.stream_health import IngestHealth
from streaming_app.backend.packager.bitrate_ladder import Ladder, TranscoderSlots
from streaming_app.backend.packager.disk_errors import DiskErrorLog
from streaming_app.backend.packager.live_channel import LiveChannel, Play
from streaming_app.backend.packager.realtime.room import RealtimeRoom
from streaming_app.backend.packager.rendition_server import RenditionServer
from streaming_app.backend.packager.segment_folder import SegmentFolder

log = logging.getLogger(__name__)

CHANNEL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
RETRY_SECONDS = 0.25
"""Pause before a channel that nginx shows is played again."""
ENDED_PLAYLIST_SECONDS = 30.0
"""How long an ended playlist is kept for viewers who are still watching."""


@dataclass(frozen=True, slots=True)
class PackagerConfig:
    """Configuration of the packager. ``Settings`` documents each value."""

    live_dir: Path
    window_seconds: float
    grace_seconds: float
    transcoders: int


class Packager:
    """Starts and ends the packaging of channels.

    ``unix_time`` is the wall clock, which dates what arrives. ``clock`` is monotonic and measures durations.
    """

    def __init__(
        self,
        config: PackagerConfig,
        play: Play,
        unix_time: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._play = play
        self._unix_time = unix_time
        self._clock = clock
        self._started_at = unix_time() - clock()
        self._slots = TranscoderSlots(config.transcoders)
        self._disk = DiskErrorLog(config.live_dir.parent, clock)
        self._playbacks: dict[str, _ChannelPlayback] = {}

    def channel(self, channel_id: str) -> LiveChannel | None:
        """Return the channel, if it is live or has ended less than ``ENDED_PLAYLIST_SECONDS`` ago."""
        playback = self._playbacks.get(channel_id)
        return playback.channel if playback else None

    def realtime_room(self, channel_id: str, rendition: str) -> RealtimeRoom | None:
        """Return the real-time viewers of a rendition; ``None`` if there is no such rendition, or it has ended."""
        channel = self.channel(channel_id)
        server = channel.rendition(rendition) if channel and not channel.window.has_ended else None
        return server.realtime if server else None

    def health(self, channel_id: str) -> IngestHealth | None:
        """Return how a channel's stream arrives; ``None`` if it has no publisher."""
        playback = self._playbacks.get(channel_id)
        return playback.channel.health() if playback and playback.is_publishing else None

    def published_channels(self) -> list[LiveChannel]:
        """Return the channels that have a publisher."""
        return [playback.channel for playback in self._playbacks.values() if playback.is_publishing]

    def on_publish(self, channel_id: str, joined: Callable[[], None]) -> Callable[[], None] | None:
        """Play a channel whose publisher nginx is about to accept.

        Calls ``joined`` once the packager receives the publisher's frames, so that none are lost. Returns a function
        that cancels this call, if it is still due.
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
        """Compare with the publishers that nginx shows.

        Plays channels that are missing, and ends those that had no publisher for longer than the grace period.
        """
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
        """Stop playing and delete all files."""
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
            return RenditionServer(window, f"/ll-files/{channel_id}/{rendition}", reports, self._clock)

        ladder = Ladder(self._slots, make_server, self._unix_time, self._clock)
        return LiveChannel(channel_id, ladder, self._monotonic_unix_time, self._disk)

    def _monotonic_unix_time(self) -> float:
        """Return the Unix time at the start plus the time since then, so that setting the wall clock has no effect."""
        return self._started_at + self._clock()

    async def _keep_playing(self, playback: "_ChannelPlayback") -> None:
        log.info("Channel %s is played", playback.channel.channel_id)
        is_wanted = True  # nginx may not show the publisher yet
        while is_wanted:
            await playback.channel.play(self._play, playback.join, self._unix_time)
            playback.is_joined = False
            await asyncio.sleep(RETRY_SECONDS)
            is_wanted = playback.is_publishing or bool(playback.waiting)
        log.info("Channel %s has no publisher", playback.channel.channel_id)

    def _remove(self, channel_id: str) -> None:
        self._playbacks.pop(channel_id).disconnect()
        SegmentFolder(self._config.live_dir / channel_id).remove()


def _log_failure(channel_id: str, playing: asyncio.Task[None]) -> None:
    """Log why playing ended. The next ``reconcile`` plays the channel again if it still has a publisher."""
    if not playing.cancelled() and (failure := playing.exception()):
        log.error("Channel %s could not be played", channel_id, exc_info=failure)


@dataclass(slots=True)
class _ChannelPlayback:
    channel: LiveChannel
    task: asyncio.Task[None] | None = None
    is_publishing: bool = False
    seen_at: float = 0.0
    is_joined: bool = False
    """Whether the packager receives all that a publisher sends."""
    waiting: dict[Callable[[], None], None] = field(default_factory=dict[Callable[[], None], None])
    """Callbacks to call once it does, in order of arrival."""

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
