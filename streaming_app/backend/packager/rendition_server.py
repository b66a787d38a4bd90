"""Serves the playlist of one rendition, and holds requests that wait for its next part (blocking playlist reload)."""

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic

from streaming_app.backend.media import playlist
from streaming_app.backend.media.cutter import PART_MS
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.playlist import RenditionReport
from streaming_app.backend.packager import http_responses
from streaming_app.backend.packager.http_connection import Cancel, Send
from streaming_app.backend.packager.realtime.room import RealtimeRoom

WaitingRequests = dict[Send, int]
"""Requests that wait for the same response, in order of arrival, each with its number of readers."""

UPDATES_COUNTED = 10
"""Updates over which viewers are counted: a player that is still busy with one part waits for a later one."""
MAX_SEGMENTS_AHEAD = 2
"""Requests for segments further ahead are answered 400 (6.2.5.2)."""


class RenditionServer:
    """Serves the live window of a rendition.

    ``folder`` is the internal address below which nginx serves its files. ``reports`` returns the rendition reports of
    the channel's other renditions.
    """

    def __init__(
        self,
        window: LiveWindow,
        folder: str,
        reports: Callable[[], Sequence[RenditionReport]] = tuple,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.window = window
        self.realtime = RealtimeRoom(clock)
        """The viewers who get each frame at once."""
        self._folder = folder
        self._reports = reports
        self._cached: dict[tuple[bool, bool], bytes] = {}
        self._waiting: dict[tuple[int, int | None, bool], WaitingRequests] = {}
        self._waiting_first: WaitingRequests = {}
        self._waiting_files: dict[str, WaitingRequests] = {}
        self._released: deque[int] = deque(maxlen=UPDATES_COUNTED)

    @property
    def report(self) -> RenditionReport:
        """Rendition report for the playlists of the other renditions."""
        number, parts = self.window.newest
        name = self._folder.rpartition("/")[2]
        if parts:
            return RenditionReport(name, number, parts - 1)
        return RenditionReport(name, number - 1, len(self.window.segments[-1].parts) - 1 if self.window.segments else 0)

    @property
    def viewers(self) -> int:
        """Number of players at the live edge: the most that waited for one of the last few parts."""
        return max(self._released, default=0)

    def request_playlist(
        self, number: int | None, part: int | None, *, skips: bool, send: Send, readers: int = 1
    ) -> Cancel | None:
        """Send the playlist once it has segment ``number``, or its part ``part``.

        Returns a function that cancels the request, if it has to wait. ``readers`` is how many viewers it is for.
        """
        newest, _ = self.window.newest
        if number is None:
            if self.window.segments:
                send(self._playlist(skips=skips, blocking=False))
                return None
            return _enqueue(self._waiting_first, send)
        if number > newest + MAX_SEGMENTS_AHEAD:
            send(http_responses.error(400, f"_HLS_msn is too far ahead: the newest segment is {newest}."))
            return None
        if self._has(number, part):
            send(self._playlist(skips=skips, blocking=True))
            return None
        return _enqueue(self._waiting.setdefault((number, part, skips), {}), send, readers)

    def request_file(self, name: str, send: Send) -> Cancel | None:
        """Like ``request_playlist``, for a part that a preload hint has named and that does not exist yet."""
        if name == self.window.next_part_name and not self.window.has_ended:
            return _enqueue(self._waiting_files.setdefault(name, {}), send)
        send(http_responses.error(404, "This file does not exist or was deleted."))
        return None

    def notify(self, part_name: str = "") -> None:
        """Answer requests that waited for a change of the window. ``part_name`` is the new part, if there is one."""
        self._cached.clear()
        for send in self._waiting_files.pop(part_name, ()):
            send(http_responses.accel_redirect(f"{self._folder}/{part_name}"))
        for name in [
            name for name in self._waiting_files if name != self.window.next_part_name or self.window.has_ended
        ]:
            for send in self._waiting_files.pop(name):
                send(http_responses.error(404, "This part will not exist: a new segment has started."))
        if self.window.segments and self._waiting_first:
            waiting, self._waiting_first = self._waiting_first, {}
            for send in waiting:
                send(self._playlist(skips=False, blocking=False))
        released = 0
        for request in [r for r in self._waiting if self._has(r[0], r[1])]:
            answer = self._playlist(skips=request[2], blocking=True)
            readers = self._waiting.pop(request)
            released += sum(readers.values())
            for send in readers:
                send(answer)
        self._released.append(released)

    def reject_waiting(self) -> None:
        """Answer all waiting requests with 404, so that their players switch to plain HLS at once."""
        self._cached.clear()
        for queue in (self._waiting_first, *self._waiting.values(), *self._waiting_files.values()):
            for send in queue:
                send(http_responses.error(404, "Low-latency video has stopped: play /hls/ instead."))
        self._waiting_first = {}
        self._waiting.clear()
        self._waiting_files.clear()

    def _has(self, number: int, part: int | None) -> bool:
        newest, parts = self.window.newest
        return self.window.has_ended or number < newest or (number == newest and part is not None and part < parts)

    def _playlist(self, *, skips: bool, blocking: bool) -> bytes:
        cached = self._cached.get((skips, blocking))
        if cached is None:
            text = playlist.media_playlist(self.window, PART_MS / 1000, skips=skips, reports=self._reports())
            cached = http_responses.playlist(
                text, cache=http_responses.CACHE_BLOCKING_PLAYLIST if blocking else http_responses.CACHE_BRIEFLY
            )
            self._cached[skips, blocking] = cached
        return cached


def _enqueue(queue: WaitingRequests, send: Send, readers: int = 1) -> Cancel:
    queue[send] = readers
    return partial(queue.pop, send, None)
