"""Low-latency HLS playlists (draft-pantos-hls-rfc8216bis), written out of a window."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from streaming_app.backend.media.live_segment import LiveSegment
from streaming_app.backend.media.live_window import LiveWindow

VERSION = 9
"""The first with ``EXT-X-SKIP``."""
HOLD_BACK_TARGETS = 3
HOLD_BACK_PARTS = 3
"""How far from the edge players stay, at least (4.4.3.8)."""
SKIP_TARGETS = 6
"""Older than so many target durations can be left out of an update (4.4.3.8: at least six)."""


@dataclass(frozen=True, slots=True)
class VariantStream:
    """One encoded quality as the multivariant playlist offers it."""

    name: str
    """Also its folder."""
    codecs: str
    """RFC 6381, with a comma between."""
    bits_per_second: int
    """The most of any segment."""
    width: int = 0
    height: int = 0
    frames_per_second: float = 0.0


@dataclass(frozen=True, slots=True)
class RenditionReport:
    """Where another rendition is, for those about to change to it (4.4.5.4)."""

    rendition: str
    newest_segment: int
    newest_part: int


def multivariant_playlist(renditions: Sequence[VariantStream]) -> str:
    """The playlist that players open first, best rendition first."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rendition in renditions:
        attributes = [f"BANDWIDTH={rendition.bits_per_second}", f'CODECS="{rendition.codecs}"']
        if rendition.width:
            attributes.append(f"RESOLUTION={rendition.width}x{rendition.height}")
        if rendition.frames_per_second:
            attributes.append(f"FRAME-RATE={rendition.frames_per_second:.3f}")
        lines += [f"#EXT-X-STREAM-INF:{','.join(attributes)}", f"{rendition.name}/index.m3u8"]
    return "\n".join(lines) + "\n"


def media_playlist(
    window: LiveWindow, part_seconds: float, *, skips: bool = False, reports: Sequence[RenditionReport] = ()
) -> str:
    """The media playlist as the window is now; with ``skips`` only what is new to who has read it lately.

    ``part_seconds`` is how long parts are meant to be; the playlist promises the longest that there was.
    """
    segments = list(window.segments)
    skipped = _skippable(segments, window) if skips else 0
    longest = max(part_seconds, window.part_seconds_max)
    target = window.target_seconds
    first = next(window.listed(), None)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{VERSION}",
        f"#EXT-X-TARGETDURATION:{target}",
        f"#EXT-X-SERVER-CONTROL:{_server_control(target, longest)}",
        f"#EXT-X-PART-INF:PART-TARGET={longest:.3f}",
        f"#EXT-X-MEDIA-SEQUENCE:{first.number if first else window.newest[0]}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{first.discontinuity_sequence - first.is_discontinuity if first else 0}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    if skipped:
        lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
    init_file = ""
    for segment in segments[skipped:]:
        lines += _segment(segment, init_file)
        init_file = segment.init_file
    if window.open_segment:
        lines += _segment(window.open_segment, init_file)
    if window.has_ended:
        lines.append("#EXT-X-ENDLIST")
    else:
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{window.next_part_name}"')
        lines += [_report(report) for report in reports]
    return "\n".join(lines) + "\n"


def _server_control(target_seconds: int, part_seconds: float) -> str:
    return (
        f"CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={part_seconds * HOLD_BACK_PARTS:.3f}"
        f",HOLD-BACK={target_seconds * HOLD_BACK_TARGETS},CAN-SKIP-UNTIL={target_seconds * SKIP_TARGETS}"
    )


def _skippable(segments: Sequence[LiveSegment], window: LiveWindow) -> int:
    """How many of the oldest segments lie beyond the boundary."""
    beyond = sum(s.seconds for s in window.listed()) - SKIP_TARGETS * window.target_seconds
    count = 0
    for segment in segments:
        beyond -= segment.seconds
        if beyond < 0:
            break
        count += 1
    return count


def _segment(segment: LiveSegment, previous_init_file: str) -> list[str]:
    lines: list[str] = []
    if segment.is_discontinuity:
        lines.append("#EXT-X-DISCONTINUITY")
    if segment.init_file != previous_init_file:
        lines.append(f'#EXT-X-MAP:URI="{segment.init_file}"')
    lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_iso(segment.starts_at_utc)}")
    if segment.lists_parts:
        lines += [
            f'#EXT-X-PART:DURATION={part.seconds:.5f},URI="{part.name}"{",INDEPENDENT=YES" * part.is_independent}'
            for part in segment.parts
        ]
    if segment.name:
        lines += [f"#EXTINF:{segment.seconds:.5f},", segment.name]
    return lines


def _report(report: RenditionReport) -> str:
    return (
        f'#EXT-X-RENDITION-REPORT:URI="../{report.rendition}/index.m3u8"'
        f",LAST-MSN={report.newest_segment},LAST-PART={report.newest_part}"
    )


def _iso(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03}Z"
