"""Generated media: frames of a steady publisher, in order of arrival."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from streaming_app.backend.media.cutter import Cutter, CutterOutput, PartialSegment, Period
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame, VideoTrack

VIDEO = VideoTrack("avc1", b"\x01\x4d\x40\x1f", 640, 360)
AUDIO = AudioTrack(b"\x11\x90", 48_000, 2)


def video(
    seconds: float, *, fps: float = 30, gop_seconds: float = 1.0, start_ms: int = 0, cts_ms: int = 0
) -> Iterator[VideoFrame]:
    """Yield video frames with times in whole milliseconds, as in RTMP."""
    per_gop = round(gop_seconds * fps)
    for n in range(round(seconds * fps)):
        yield VideoFrame(start_ms + round(n * 1000 / fps), cts_ms, n % per_gop == 0, b"v%d" % n)


def audio(seconds: float, *, start_ms: int = 0, track: AudioTrack = AUDIO) -> Iterator[AudioFrame]:
    """Yield audio frames with times in whole milliseconds."""
    for n in range(round(seconds * track.sample_rate / track.samples_per_frame)):
        yield AudioFrame(start_ms + n * track.samples_per_frame * 1000 // track.sample_rate, b"a%d" % n)


def together(*tracks: Iterable[VideoFrame | AudioFrame]) -> list[VideoFrame | AudioFrame]:
    """Return the frames of several tracks in order of arrival."""
    return sorted(chain(*tracks), key=lambda frame: frame.dts_ms)


def both(seconds: float, **options: float) -> list[Media]:
    """Return the media of a publisher with video and audio: both tracks, then the frames."""
    start_ms = int(options.get("start_ms", 0))
    frames = together(
        video(seconds, fps=options.get("fps", 30), gop_seconds=options.get("gop_seconds", 1), start_ms=start_ms),
        audio(seconds, start_ms=start_ms),
    )
    return [VIDEO, AUDIO, *frames]


def cuts_of(media: Sequence[Media], part_ms: int = 200) -> list[CutterOutput]:
    """Return all output of the cutter for the media, including its end."""
    cutter = Cutter(part_ms)
    return [cut for item in media for cut in cutter.feed(item)] + list(cutter.flush())


def parts_of(cuts: list[CutterOutput]) -> list[PartialSegment]:
    return [cut for cut in cuts if isinstance(cut, PartialSegment)]


def periods_of(cuts: list[CutterOutput]) -> list[Period]:
    return [cut for cut in cuts if isinstance(cut, Period)]
