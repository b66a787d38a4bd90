"""The smaller renditions of one channel: made while there is room for another transcoder, left out otherwise."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from functools import partial

from streaming_app.backend.media import playlist
from streaming_app.backend.media.codecs import codec_string
from streaming_app.backend.media.cutter import Stretch
from streaming_app.backend.media.health import Offer
from streaming_app.backend.media.ladder import Rung, ladder_for
from streaming_app.backend.media.playlist import Report
from streaming_app.backend.media.tracks import AudioFrame, Media, VideoFrame, VideoTrack
from streaming_app.backend.packager.rendition import Rendition
from streaming_app.backend.packager.shelf import Shelf
from streaming_app.backend.packager.transcoder import Transcoder

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
    """Each stretch of the source gets a transcoder of its own, so that all renditions have the same discontinuities."""

    def __init__(self, room: Room, make_shelf: MakeShelf, unix_time: Callable[[], float]) -> None:
        self.trouble = ""
        """Why there are no smaller renditions though there could be, in words for the streamer."""
        self._room = room
        self._make_shelf = make_shelf
        self._unix_time = unix_time
        self._renditions: dict[str, Rendition] = {}
        self._offered: list[playlist.Rendition] = []
        self._transcoder: Transcoder | None = None
        self._task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        """Those that have not ended, though they may have been told to."""
        self._waiting_stretch: tuple[Stretch, int] | None = None
        self.source = make_shelf(SOURCE, partial(self._reports, SOURCE))

    def shelf(self, name: str) -> Shelf | None:
        """Of the rendition of this name."""
        rendition = self._renditions.get(name)
        return rendition.shelf if rendition else None

    def renditions(self) -> list[playlist.Rendition]:
        """Those that are offered now, best first."""
        return self._offered

    def offers(self) -> tuple[Offer, ...]:
        """What viewers can have now, the source first, and how many have it."""
        shelves = [(SOURCE, self.source)] + [(r.name, self._renditions[r.name].shelf) for r in self._offered]
        return tuple(Offer(name, shelf.viewers) for name, shelf in shelves)

    def begin(self, stretch: Stretch, part_ms: int) -> None:
        """Another stretch of the source begins with the next frame."""
        self.stop()
        self.trouble = ""
        self._waiting_stretch = (stretch, part_ms)

    def feed(self, media: Media) -> None:
        """All that the source sends, frame by frame, after it was cut."""
        match media:
            case VideoFrame():
                if self._waiting_stretch:
                    self._start(*self._waiting_stretch, media)
                if self._transcoder:
                    self._transcoder.feed(media)
            case AudioFrame():
                if self._transcoder:
                    for rendition in self._current(self._transcoder.rungs):
                        rendition.hear(media)
            case _:
                pass

    def stop(self) -> None:
        """The stretch is over; what was made of it stays."""
        self._waiting_stretch = None
        if self._task:
            self._task.cancel()
        self._transcoder = self._task = None

    async def close(self) -> None:
        """End what runs, and wait for it."""
        self.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def end(self) -> None:
        """The stream is over: nothing follows in any rendition."""
        self.stop()
        for rendition in self._renditions.values():
            rendition.shelf.window.end()
            rendition.shelf.changed()

    def _start(self, stretch: Stretch, part_ms: int, first: VideoFrame) -> None:
        self._waiting_stretch = None
        self._offered = []
        rungs = ladder_for(stretch.video) if stretch.video else ()
        if not rungs or stretch.video is None:
            return
        if not self._room.take():
            self.trouble = "No smaller renditions of your stream: this machine makes as many as it may already."
            return
        self._transcoder = Transcoder(rungs, stretch.video, first.dts_ms, self._take)
        for rung in rungs:
            self._rendition(rung).begin(part_ms, stretch.audio)
        self._offered = [self._offer(rung, stretch.video, stretch) for rung in rungs]
        self._task = asyncio.create_task(self._run(self._transcoder))
        self._tasks.add(self._task)
        self._task.add_done_callback(self._tasks.discard)

    async def _run(self, transcoder: Transcoder) -> None:
        try:
            await transcoder.run()
        except OSError as failed:
            transcoder.fail(f"Making smaller renditions failed: {failed.strerror}. Viewers get your own video only.")
        finally:
            self._room.give_back()
            if transcoder.has_failed:
                self._give_up(transcoder)
            else:
                for rendition in self._current(transcoder.rungs):
                    rendition.end(self._unix_time())

    def _give_up(self, transcoder: Transcoder) -> None:
        """Offer the source alone; who watches a smaller rendition finds it gone and changes over."""
        log.warning("A ladder was given up: %s", transcoder.why_failed)
        self.trouble = transcoder.why_failed
        self._offered = []
        for rung in transcoder.rungs:
            self._renditions.pop(rung.name).clear()
        self._transcoder = None

    def _take(self, rung: Rung, media: VideoTrack | VideoFrame) -> None:
        self._renditions[rung.name].take(media, self._unix_time())

    def _current(self, rungs: Iterable[Rung]) -> Iterable[Rendition]:
        return (self._renditions[rung.name] for rung in rungs if rung.name in self._renditions)

    def _rendition(self, rung: Rung) -> Rendition:
        if rung.name not in self._renditions:
            shelf = self._make_shelf(rung.name, partial(self._reports, rung.name))
            self._renditions[rung.name] = Rendition(rung, shelf, self.source.window)
        return self._renditions[rung.name]

    def _reports(self, of: str) -> list[Report]:
        """How far the renditions are that are offered beside this one."""
        offered = [self._renditions[rendition.name].shelf for rendition in self._offered]
        return [report for report in (shelf.report for shelf in (self.source, *offered)) if report.rendition != of]

    def _offer(self, rung: Rung, video: VideoTrack, stretch: Stretch) -> playlist.Rendition:
        names = [rung.codec, *([codec_string(stretch.audio)] if stretch.audio else [])]
        return playlist.Rendition(
            name=rung.name,
            codecs=",".join(names),
            bits_per_second=round(rung.kbps * 1000 * OVERHEAD) + AUDIO_BPS,
            width=rung.width(video),
            height=rung.height,
        )
