"""The bitrate ladder of one channel: its smaller renditions, made while a transcoder slot is free."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from streaming_app.backend.media import playlist
from streaming_app.backend.media.bitrate_ladder import SOURCE, Rung, ladder_for
from streaming_app.backend.media.codecs import codec_string
from streaming_app.backend.media.cutter import Period
from streaming_app.backend.media.playlist import RenditionReport
from streaming_app.backend.media.stream_health import RenditionStats
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame, VideoTrack
from streaming_app.backend.packager.realtime.room import CloseReason, RealtimeRoom
from streaming_app.backend.packager.rendition_server import RenditionServer
from streaming_app.backend.packager.transcode_session import TranscodeSession
from streaming_app.backend.packager.transcoded_rendition import TranscodedRendition

log = logging.getLogger(__name__)

RETRY_SOON_SECONDS = 10.0
"""Pause before smaller renditions are made again that could not be written, or for which no transcoder was free."""
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 30.0, 600.0
"""The same after any other failure, such as a machine that was too slow for a moment: at first, and after several."""
AUDIO_BPS = 160_000
OVERHEAD = 1.1
"""Factor for MP4 boxes and for short peaks of the encoder's rate control."""

MakeRenditionServer = Callable[[str, Callable[[], list[RenditionReport]]], RenditionServer]
"""Creates the server of a rendition, given its name and a function that returns the other renditions' reports."""


class TranscoderSlots:
    """Limits how many transcoders run on this machine at once."""

    def __init__(self, transcoders: int) -> None:
        self._free = transcoders

    def acquire(self) -> bool:
        """Take a slot. Return whether one was free."""
        if self._free < 1:
            return False
        self._free -= 1
        return True

    def release(self) -> None:
        """Give a slot back."""
        self._free += 1


class Ladder:
    """Makes the smaller renditions of a channel.

    Each period of the source gets its own transcode session, so that all renditions have the same discontinuities.
    """

    def __init__(
        self,
        slots: TranscoderSlots,
        make_server: MakeRenditionServer,
        unix_time: Callable[[], float],
        clock: Callable[[], float],
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self.issue: str = ""
        """Why there are no smaller renditions although there could be, as a message for the streamer."""
        self._logged: str = ""
        self._slots = slots
        self._make_server = make_server
        self._unix_time = unix_time
        self._clock = clock
        self._servers: dict[str, RenditionServer] = {}
        self._variants: list[playlist.VariantStream] = []
        self._session: TranscodeSession | None = None
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        """Tasks that have not ended. They may have been cancelled."""
        self._period: Period | None = None
        self._pending_period: Period | None = None
        """The period whose renditions begin with the next keyframe after ``_pending_since``."""
        self._pending_since = 0.0
        self._started_at = 0.0
        self._retry_seconds = FIRST_RETRY_SECONDS
        self.source = make_server(SOURCE, partial(self._reports, SOURCE))

    def rendition(self, name: str) -> RenditionServer | None:
        """Return the server of the rendition with this name."""
        return self._servers.get(name)

    def variants(self) -> list[playlist.VariantStream]:
        """Return the variants that are offered now, best first."""
        return self._variants

    def watchable(self) -> list[playlist.VariantStream]:
        """Return the variants that have frames now, best first."""
        return [variant for variant in self._variants if self._servers[variant.name].realtime.is_playing]

    def rooms(self) -> list[RealtimeRoom]:
        """Return the rooms of all renditions, the source included."""
        return [server.realtime for server in (self.source, *self._servers.values())]

    def stats(self) -> tuple[RenditionStats, ...]:
        """Return the renditions that are offered now, the source first, with their numbers of viewers."""
        servers = [(SOURCE, self.source)] + [(r.name, self._servers[r.name]) for r in self._variants]
        return tuple(RenditionStats(name, server.viewers + server.realtime.viewers) for name, server in servers)

    def begin(self, period: Period) -> None:
        """Begin a period of the source with the next keyframe. Without video there are no smaller renditions."""
        self.stop()
        self.issue = ""
        self._period = period
        self._retry_seconds = FIRST_RETRY_SECONDS
        if period.video:
            self._pending_period, self._pending_since = period, 0.0
        else:
            self.clear()

    def clear(self) -> None:
        """Offer the source alone, and delete the files of all other renditions."""
        self.stop()
        for server in self._servers.values():
            server.window.clear()
            server.reject_waiting()
        self._remove(*self._servers)

    def feed(self, media: Media) -> None:
        """Pass on a frame of the source, after the source itself was cut."""
        if (
            self._pending_period
            and self._clock() >= self._pending_since
            and isinstance(media, VideoFrame)
            and media.is_key
        ):
            self._start(self._pending_period, media)
        if isinstance(media, VideoFrame | AudioFrame) and self._session:
            self._session.feed(media)

    def stop(self) -> None:
        """End the period. Its segments are kept."""
        self._pending_period = None
        if self._task:
            self._task.cancel()
        if self._session:
            self._session.end()
        self._session = self._task = None

    async def close(self) -> None:
        """Stop all transcoders and wait until they have ended."""
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def end(self) -> None:
        """End the playlists of all renditions."""
        self.stop()
        for server in self._servers.values():
            server.window.end()
            server.realtime.close(CloseReason.ENDED)
            server.notify()

    def _start(self, period: Period, first: VideoFrame) -> None:
        waiting, self._pending_period = self._pending_period, None
        self._variants = []
        rungs = ladder_for(period.video) if period.video else ()
        if not rungs or period.video is None:
            return
        if not self._slots.acquire():
            if self._tasks:  # the last period's transcoder has not ended yet: try again at the next keyframe
                self._pending_period = waiting
                return
            self.issue = "Your stream has no lower qualities: the server is already making as many as it can."
            self._retry_after(RETRY_SOON_SECONDS)
            return
        self.issue = ""
        self._started_at = self._clock()
        renditions = [TranscodedRendition(rung, self._server(rung.name), self.source, period.audio) for rung in rungs]
        self._session = TranscodeSession(renditions, period.video, first.dts_ms, self._unix_time, self._clock)
        self._variants = [_variant(rung, period.video, period.audio) for rung in rungs]
        self._task = asyncio.create_task(self._run_session(self._session))
        self._tasks.add(self._task)
        self._task.add_done_callback(self._forget)

    async def _run_session(self, session: TranscodeSession) -> None:
        await session.run()
        if session is self._session:
            self._drop_session(session)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._slots.release()

    def _drop_session(self, session: TranscodeSession) -> None:
        """Offer the source alone. Players of a smaller rendition find it gone and switch."""
        if session.failure != self._logged:
            log.warning("The smaller renditions have stopped: %s", session.failure)
        self.issue = self._logged = session.failure
        session.clear()
        self._remove(*session.names)
        self._session = None
        if session.met_full_disk:
            self._retry_after(RETRY_SOON_SECONDS)
            return
        if self._clock() - self._started_at > LONGEST_RETRY_SECONDS:
            self._retry_seconds = FIRST_RETRY_SECONDS
        self._retry_after(self._retry_seconds)
        self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)

    def _retry_after(self, seconds: float) -> None:
        self._pending_period, self._pending_since = self._period, self._clock() + seconds

    def _remove(self, *names: str) -> None:
        """Offer the source alone, and forget the renditions with these names."""
        self._variants = []
        for name in names:
            self._servers.pop(name).realtime.close(CloseReason.RENDITION_REMOVED)

    def _server(self, name: str) -> RenditionServer:
        if name not in self._servers:
            self._servers[name] = self._make_server(name, partial(self._reports, name))
        return self._servers[name]

    def _reports(self, of: str) -> list[RenditionReport]:
        """Return the rendition reports of the other renditions that are offered."""
        offered = [self._servers[rendition.name] for rendition in self._variants]
        return [report for report in (server.report for server in (self.source, *offered)) if report.rendition != of]


def _variant(rung: Rung, video: VideoTrack, audio: AudioTrack | None) -> playlist.VariantStream:
    names = [rung.codec, *([codec_string(audio)] if audio else [])]
    return playlist.VariantStream(
        name=rung.name,
        codecs=",".join(names),
        bits_per_second=round(rung.kbps * 1000 * OVERHEAD) + AUDIO_BPS,
        width=rung.width(video),
        height=rung.height,
    )
