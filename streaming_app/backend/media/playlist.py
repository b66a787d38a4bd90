"""Writes low-latency HLS playlists (draft-pantos-hls-rfc8216bis) from live windows."""

from collections.abc import Sequence
from dataclasses import dataclass

from streaming_app.backend.media.live_segment import LiveSegment
from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.program_date_time import program_date_time_tag

VERSION = 9
"""The first version with ``EXT-X-SKIP``."""
HOLD_BACK_TARGETS = 3
HOLD_BACK_PARTS = 3
"""Minimum distance of players from the live edge (4.4.3.8)."""
SKIP_TARGETS = 6
"""Segments older than this many target durations may be skipped in a delta update (4.4.3.8: at least six)."""


@dataclass(frozen=True, slots=True)
class VariantStream:
    """A rendition as the multivariant playlist lists it."""

    name: str
    """Name of the rendition and of its folder."""
    codecs: str
    """Codecs in RFC 6381 form, separated by commas."""
    bits_per_second: int
    """Peak bit rate of a segment."""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class RenditionReport:
    """Newest segment and part of another rendition, for players about to switch to it (4.4.5.4)."""

    rendition: str
    newest_segment: int
    newest_part: int


def multivariant_playlist(renditions: Sequence[VariantStream]) -> str:
    """Return the multivariant playlist. ``renditions`` are in order of quality, best first."""
    lines = ["#EXTM3U", f"#EXT-X-VERSION:{VERSION}", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for rendition in renditions:
        attributes = [f"BANDWIDTH={rendition.bits_per_second}", f'CODECS="{rendition.codecs}"']
        if rendition.width:
            attributes.append(f"RESOLUTION={rendition.width}x{rendition.height}")
        lines += [f"#EXT-X-STREAM-INF:{','.join(attributes)}", f"{rendition.name}/index.m3u8"]
    return "\n".join(lines) + "\n"


def media_playlist(
    window: LiveWindow, part_seconds: float, *, skips: bool = False, reports: Sequence[RenditionReport] = ()
) -> str:
    """Return the media playlist of a window; with ``skips`` a delta update for players that have read it recently.

    ``part_seconds`` is the target duration of parts. The playlist announces the longest listed part, if that is longer.
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
    """Return how many of the oldest segments a delta update may skip."""
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
    lines.append(program_date_time_tag(segment.starts_at_utc))
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
