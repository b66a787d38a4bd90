"""The smaller renditions of one channel: made while there is room for another transcoder, left out otherwise."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from streaming_app.backend.media import playlist
from streaming_app.backend.media.codecs import codec_string
from streaming_app.backend.media.cutter import Stretch
from streaming_app.backend.media.health import Offer
from streaming_app.backend.media.ladder import Rung, ladder_for
from streaming_app.backend.media.playlist import Report
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame, VideoTrack
from streaming_app.backend.packager.rendition import Rendition
from streaming_app.backend.packager.run import Run
from streaming_app.backend.packager.shelf import Shelf

log = logging.getLogger(__name__)

SOURCE = "source"
"""The rendition that is the publisher's own video, copied."""
AUDIO_BPS = 160_000
OVERHEAD = 1.1
"""Of boxes, and of rate control that may go over for a moment."""

MakeShelf = Callable[[str, Callable[[], list[Report]]], Shelf]
"""The shelf of a rendition of this name, with the reports of the others."""


class Room:
    """How many transcoders may run on this machine at once."""

    def __init__(self, transcoders: int) -> None:
        self._free = transcoders

    def take(self) -> bool:
        """Whether there was room for one more, which is taken now."""
        if self._free < 1:
            return False
        self._free -= 1
        return True

    def give_back(self) -> None:
        """One has ended."""
        self._free += 1


class Ladder:
    """Each stretch of the source gets a run of its own, so that all renditions have the same discontinuities."""

    def __init__(
        self, room: Room, make_shelf: MakeShelf, unix_time: Callable[[], float], clock: Callable[[], float]
    ) -> None:
        """``clock`` is monotonic, in seconds."""
        self.trouble = ""
        """Why there are no smaller renditions though there could be, in words for the streamer."""
        self._logged = ""
        self._room = room
        self._make_shelf = make_shelf
        self._unix_time = unix_time
        self._clock = clock
        self._shelves: dict[str, Shelf] = {}
        self._offered: list[playlist.Rendition] = []
        self._run: Run | None = None
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        """Those that have not ended, though they may have been told to."""
        self._waiting_stretch: tuple[Stretch, int] | None = None
        self.source = make_shelf(SOURCE, partial(self._reports, SOURCE))

    def shelf(self, name: str) -> Shelf | None:
        """Of the rendition of this name."""
        return self._shelves.get(name)

    def renditions(self) -> list[playlist.Rendition]:
        """Those that are offered now, best first."""
        return self._offered

    def offers(self) -> tuple[Offer, ...]:
        """What viewers can have now, the source first, and how many have it."""
        shelves = [(SOURCE, self.source)] + [(r.name, self._shelves[r.name]) for r in self._offered]
        return tuple(Offer(name, shelf.viewers) for name, shelf in shelves)

    def begin(self, stretch: Stretch, part_ms: int) -> None:
        """Another stretch of the source begins with the next frame."""
        self.stop()
        self.trouble = ""
        self._waiting_stretch = (stretch, part_ms)

    def feed(self, media: Media) -> None:
        """All that the source sends, frame by frame, after it was cut."""
        if isinstance(media, VideoFrame) and media.is_key and self._waiting_stretch:
            self._start(*self._waiting_stretch, media)
        if isinstance(media, VideoFrame | AudioFrame) and self._run:
            self._run.feed(media)

    def stop(self) -> None:
        """The stretch is over; what was made of it stays."""
        self._waiting_stretch = None
        if self._task:
            self._task.cancel()
        if self._run:
            self._run.end()
        self._run = self._task = None

    async def close(self) -> None:
        """End what runs, and wait for it."""
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def end(self) -> None:
        """The stream is over: nothing follows in any rendition."""
        self.stop()
        for shelf in self._shelves.values():
            shelf.window.end()
            shelf.changed()

    def _start(self, stretch: Stretch, part_ms: int, first: VideoFrame) -> None:
        waiting, self._waiting_stretch = self._waiting_stretch, None
        self._offered = []
        rungs = ladder_for(stretch.video) if stretch.video else ()
        if not rungs or stretch.video is None:
            return
        if not self._room.take():
            if self._tasks:  # the transcoder of the stretch before has not ended yet: try again with the next key frame
                self._waiting_stretch = waiting
                return
            self.trouble = "No smaller renditions of your stream: this machine makes as many as it may already."
            return
        renditions = [
            Rendition(rung, self._shelf(rung.name), self.source.window, part_ms, stretch.audio) for rung in rungs
        ]
        self._run = Run(renditions, stretch.video, first.dts_ms, self._unix_time, self._clock)
        self._offered = [_offer(rung, stretch.video, stretch.audio) for rung in rungs]
        self._task = asyncio.create_task(self._make(self._run))
        self._tasks.add(self._task)
        self._task.add_done_callback(self._forget)

    async def _make(self, run: Run) -> None:
        await run.make()
        if run is self._run:
            self._give_up(run)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.give_back()

    def _give_up(self, run: Run) -> None:
        """Offer the source alone; who watches a smaller rendition finds it gone and changes over."""
        if run.why_failed != self._logged:
            log.warning("A ladder was given up: %s", run.why_failed)
        self.trouble = self._logged = run.why_failed
        self._offered = []
        run.clear()
        for name in run.names:
            del self._shelves[name]
        self._run = None

    def _shelf(self, name: str) -> Shelf:
        if name not in self._shelves:
            self._shelves[name] = self._make_shelf(name, partial(self._reports, name))
        return self._shelves[name]

    def _reports(self, of: str) -> list[Report]:
        """How far the renditions are that are offered beside this one."""
        offered = [self._shelves[rendition.name] for rendition in self._offered]
        return [report for report in (shelf.report for shelf in (self.source, *offered)) if report.rendition != of]


def _offer(rung: Rung, video: VideoTrack, audio: AudioTrack | None) -> playlist.Rendition:
    names = [rung.codec, *([codec_string(audio)] if audio else [])]
    return playlist.Rendition(
        name=rung.name,
        codecs=",".join(names),
        bits_per_second=round(rung.kbps * 1000 * OVERHEAD) + AUDIO_BPS,
        width=rung.width(video),
        height=rung.height,
    )
