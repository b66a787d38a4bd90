"""Changes the times of MP4 fragments (``fmp4``), so that those of several connections can follow in one file."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER_BYTES = 8
_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})
_SAMPLE_FIELDS = 0x000F00
"""Flags of a run of samples: one for each field of four bytes that its samples have. The first is the duration."""


class ContinuedTimes:
    """Lets the first fragment of each connection begin when the last one of the previous connection ends.

    Audio and video keep their offset from each other.
    """

    def __init__(self, initialization: bytes) -> None:
        self._timescales = _timescales(initialization)
        self._end_seconds = 0.0
        self._offset_seconds: float | None = 0.0
        """What is added to times; ``None`` until the first segment of a connection is known."""

    def begin_connection(self) -> None:
        """Let the next segment continue at the end of the last one."""
        self._offset_seconds = None

    def change(self, segment: bytearray) -> None:
        """Replace the decoding times in a segment, in place."""
        runs = [run for run in _runs(segment) if run.track in self._timescales and run.time_at]
        if not runs:
            return
        if self._offset_seconds is None:
            begin = min(run.time / self._timescales[run.track] for run in runs)
            self._offset_seconds = self._end_seconds - begin if self._end_seconds else 0.0
        for run in runs:
            timescale = self._timescales[run.track]
            time = max(run.time + round(self._offset_seconds * timescale), 0)
            struct.pack_into(">Q", segment, run.time_at, time)
            self._end_seconds = max(self._end_seconds, (time + run.ticks) / timescale)


@dataclass(slots=True)
class _Run:
    """Consecutive frames of one track in a fragment."""

    track: int
    time_at: int = 0
    """Position of the decoding time in the segment."""
    time: int = 0
    ticks: int = 0
    """Duration."""


def _runs(segment: bytearray) -> list[_Run]:
    runs: list[_Run] = []
    for kind, at, end in _boxes(segment, 0, len(segment)):
        if kind == b"tfhd":
            runs.append(_Run(_number(segment, at + 4)))
        elif kind == b"tfdt" and runs:
            runs[-1].time_at, runs[-1].time = at + 4, int.from_bytes(segment[at + 4 : at + 12])
        elif kind == b"trun" and runs:
            fields = (_number(segment, at) & _SAMPLE_FIELDS).bit_count()
            samples = range(at + 12, end, 4 * fields) if fields else ()
            runs[-1].ticks += sum(_number(segment, sample) for sample in samples)
    return runs


def _timescales(initialization: bytes) -> dict[int, int]:
    """Return the ticks per second of each track."""
    boxes = list(_boxes(initialization, 0, len(initialization)))
    tracks = [_number(initialization, at + 12) for kind, at, _ in boxes if kind == b"tkhd"]
    timescales = [_number(initialization, at + 12) for kind, at, _ in boxes if kind == b"mdhd"]
    return dict(zip(tracks, timescales, strict=False))


def _number(data: bytes | bytearray, at: int) -> int:
    return int.from_bytes(data[at : at + 4])


def _boxes(data: bytes | bytearray, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, begin and end of the contents of boxes, also of those in containers. Stops at an invalid box."""
    while at + _HEADER_BYTES <= end:
        size = _number(data, at)
        if size < _HEADER_BYTES or at + size > end:
            return
        kind, begin, at = bytes(data[at + 4 : at + _HEADER_BYTES]), at + _HEADER_BYTES, at + size
        yield kind, begin, at
        if kind in _CONTAINERS:
            yield from _boxes(data, begin, at)
