"""A crowd at the live edge, in one process: ``python -m benchmarks.viewers``, started by benchmarks.origin.

Each viewer does what a player does: it requests a delta update of the playlist that contains the next part, and fetches
every new part on a second connection. Nothing is decoded.
"""

import asyncio
import sys
import time
import zlib
from array import array
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from benchmarks.http_client import Connection
from benchmarks.load_process import run_load_process
from tests.rig.ports import HOST

GZIP = zlib.MAX_WBITS | 16
TAIL_SECONDS = 2.0
"""Time before the end whose parts are not counted as missed, because they may still be on their way."""
CALM_SECONDS = 3.0
"""Time between the connection of the last viewer and the start of the measurement."""
OK = 200


@dataclass(frozen=True, slots=True)
class Playlist:
    """The fields of a media playlist that a viewer needs."""

    parts: tuple[str, ...]
    next_question: bytes
    """The query that requests the next change."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The options of a crowd. Times are Unix times."""

    port: int
    path: str
    """URL path of the rendition's folder."""
    folder: Path
    """Folder in which the server keeps the same files. Their dates tell when each part was written."""
    viewers: int
    begin_at: float
    """Time at which all viewers must be connected and counting starts."""
    end_at: float


@lru_cache(maxsize=256)
def read_playlist(packed: bytes) -> Playlist:
    """Parse a playlist once for all viewers that receive the same bytes."""
    text = zlib.decompress(packed, GZIP).decode() if packed.startswith(b"\x1f\x8b") else packed.decode()
    number = part = 0
    parts: list[str] = []
    for line in text.splitlines():
        if line.startswith("#EXT-X-MEDIA-SEQUENCE:"):
            number += int(line.partition(":")[2])
        elif line.startswith("#EXT-X-SKIP:SKIPPED-SEGMENTS="):
            number += int(line.partition("=")[2])
        elif line.startswith("#EXTINF:"):
            number += 1
            part = 0
        elif line.startswith("#EXT-X-PART:"):
            parts.append(line.partition('URI="')[2].partition('"')[0])
            part += 1
    return Playlist(tuple(parts), f"?_HLS_msn={number}&_HLS_part={part}&_HLS_skip=YES".encode())


class Crowd:
    """All viewers of one process, and their findings."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.errors: Counter[str] = Counter()
        self.playlists = array("d")
        """Time at which each playlist arrived."""
        self.arrivals: dict[str, array[float]] = {}
        """Times at which viewers had received a part, by the part's name, in order of arrival."""
        self.born_at: dict[str, float] = {}
        """Time at which each part was written."""

    def arrived(self, part: str) -> None:
        """Record that a viewer has received a whole part."""
        times = self.arrivals.get(part)
        if times is None:
            times = self.arrivals[part] = array("d")
            try:
                self.born_at[part] = (self.plan.folder / part).stat().st_mtime
            except FileNotFoundError:
                self.errors["a part came after its file was gone"] += 1
        times.append(time.time())

    async def run(self) -> dict[str, object]:
        """Connect the viewers one after another, watch, disconnect them, and return the findings."""
        viewers = [Viewer(self) for _ in range(self.plan.viewers)]
        coming_seconds = self.plan.begin_at - CALM_SECONDS - time.time()
        coming = [
            asyncio.create_task(viewer.come(coming_seconds * index / len(viewers)))
            for index, viewer in enumerate(viewers)
        ]
        await asyncio.sleep(self.plan.begin_at - time.time())
        if late := sum(not task.done() for task in coming):
            self.errors["not there in time"] = late
        cpu_before = time.process_time()
        await asyncio.sleep(self.plan.end_at - time.time())
        cpu_seconds = time.process_time() - cpu_before
        await asyncio.gather(*coming)
        for viewer in viewers:
            viewer.leave()
        return self._findings(cpu_seconds)

    def _findings(self, cpu_seconds: float) -> dict[str, object]:
        begin, end = self.plan.begin_at, self.plan.end_at
        counted = [part for part, born in self.born_at.items() if begin <= born <= end - TAIL_SECONDS]
        late_ms: Counter[int] = Counter()
        for part in counted:
            late_ms.update(round((at - self.born_at[part]) * 1000) for at in self.arrivals[part])
        return {
            "late_ms": late_ms,
            "missed": sum(self.plan.viewers - len(self.arrivals[part]) for part in counted),
            "errors": self.errors,
            "playlists": sum(begin <= at <= end for at in self.playlists),
            "parts": sum(begin <= at <= end for times in self.arrivals.values() for at in times),
            "cpu_seconds": cpu_seconds,
        }


class Viewer:
    """One viewer, with a connection for playlists and one for parts."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._folder = f"{crowd.plan.path}/".encode()
        host = f"{HOST}:{crowd.plan.port}"
        self._playlists = Connection(host, self._take_playlist, self._lost, keeps_body=True)
        self._parts = Connection(host, self._take_part, self._lost, keeps_body=False)
        self._newest = ""
        self._wanted: deque[str] = deque()
        """Parts to fetch. The first one is being fetched."""

    async def come(self, after_seconds: float) -> None:
        """Start to watch after a delay."""
        await asyncio.sleep(after_seconds)
        loop, port = asyncio.get_running_loop(), self._crowd.plan.port
        try:
            for connection in (self._parts, self._playlists):
                await loop.create_connection(lambda connection=connection: connection, HOST, port)
        except OSError:
            self._crowd.errors["could not connect"] += 1
            self._lost()
            return
        self._playlists.get(self._folder + b"index.m3u8")

    def leave(self) -> None:
        """Close both connections."""
        self._playlists.close()
        self._parts.close()

    def _take_playlist(self, status: int, body: bytes) -> None:
        self._crowd.playlists.append(time.time())
        if status != OK:
            self._crowd.errors[f"playlist: {status}"] += 1
            return
        playlist = read_playlist(body)
        self._playlists.get(self._folder + b"index.m3u8" + playlist.next_question)
        new = self._new(playlist.parts)
        is_idle = not self._wanted
        self._wanted.extend(new)
        if new:
            self._newest = new[-1]
            if is_idle:
                self._fetch()

    def _new(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        if not self._newest:
            return parts[-1:]
        if self._newest in parts:
            return parts[parts.index(self._newest) + 1 :]
        self._crowd.errors["fell out of the playlist"] += 1
        return parts

    def _take_part(self, status: int, _: bytes) -> None:
        part = self._wanted.popleft()
        if status == OK:
            self._crowd.arrived(part)
        else:
            self._crowd.errors[f"part: {status}"] += 1
        if self._wanted:
            self._fetch()

    def _fetch(self) -> None:
        self._parts.get(self._folder + self._wanted[0].encode())

    def _lost(self) -> None:
        self._crowd.errors["connection lost"] += 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a crowd, and print its findings as JSON."""
    return run_load_process(__doc__, Plan, lambda plan: Crowd(plan).run(), arguments)


if __name__ == "__main__":
    sys.exit(main())
