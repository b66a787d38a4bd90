"""Writes fragmented MP4 (ISO 14496-12, CMAF): initialization segments, and fragments that can be appended to them.

Frames are copied, never decoded. Boxes that a fragmented file leaves empty are written empty.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from streaming_app.backend.media.tracks import AudioTrack, VideoCodec, VideoTrack

VIDEO_TIMESCALE = 90_000
"""Ticks per second of video. Audio is counted in samples."""
VIDEO_ID, AUDIO_ID = 1, 2
"""Track numbers, the same in every file."""

_CONFIG_BOX: dict[VideoCodec, bytes] = {"avc1": b"avcC", "hvc1": b"hvcC", "av01": b"av1C"}
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_DOTS_PER_INCH = 72 << 16
_UNDETERMINED = 0x55C4
"""The language "und", packed."""
_KEY, _NOT_KEY = 0x02000000, 0x01010000
"""Sample flags of keyframes, which depend on no other frame, and of other frames."""

_FRAGMENT_BASE = 0x020000
_FRAGMENT_DATA_OFFSET = 0x000001
_RUN_DURATION, _RUN_SIZE, _RUN_FLAGS, _RUN_COMPOSITION = 0x000100, 0x000200, 0x000400, 0x000800


@dataclass(frozen=True, slots=True)
class Sample:
    """One frame in a fragment. Times are in ticks of its track."""

    data: bytes
    duration: int
    composition_offset: int = 0
    """How much later the frame is presented than decoded."""
    is_key: bool = True


@dataclass(frozen=True, slots=True)
class TrackRun:
    """Consecutive frames of one track, with the decoding time of the first."""

    base_time: int
    samples: Sequence[Sample]


def init_segment(video: VideoTrack | None, audio: AudioTrack | None) -> bytes:
    """Return the initialization segment, which players need before fragments of these tracks."""
    tracks, extends = b"", b""
    if video:
        tracks += _video_track(video)
        extends += _full_box(b"trex", 0, 0, struct.pack(">5I", VIDEO_ID, 1, 0, 0, 0))
    if audio:
        tracks += _audio_track(audio)
        extends += _full_box(b"trex", 0, 0, struct.pack(">5I", AUDIO_ID, 1, audio.samples_per_frame, 0, 0))
    header = struct.pack(">5IH10x", 0, 0, 1000, 0, 0x10000, 0x0100) + _MATRIX + struct.pack(">24xI", AUDIO_ID + 1)
    movie = _box(b"moov", _full_box(b"mvhd", 0, 0, header), tracks, _box(b"mvex", extends))
    return _box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6cmfcmp41") + movie


def fragment(sequence: int, video: TrackRun | None, audio: TrackRun | None) -> bytes:
    """Return one ``moof`` with its ``mdat``: the video frames, then the audio frames."""
    runs = [(track, run) for track, run in ((VIDEO_ID, video), (AUDIO_ID, audio)) if run and run.samples]
    data = [sample.data for _, run in runs for sample in run.samples]
    head_size = len(_movie_fragment(sequence, runs, 0))
    return b"".join(
        [
            _movie_fragment(sequence, runs, head_size + 8),
            struct.pack(">I", 8 + sum(map(len, data))),
            b"mdat",
            *data,
        ]
    )


def _movie_fragment(sequence: int, runs: Sequence[tuple[int, TrackRun]], data_offset: int) -> bytes:
    fragments: list[bytes] = []
    for track, run in runs:
        fragments.append(_track_fragment(track, run, data_offset))
        data_offset += sum(len(sample.data) for sample in run.samples)
    return _box(b"moof", _full_box(b"mfhd", 0, 0, struct.pack(">I", sequence)), *fragments)


def _track_fragment(track: int, run: TrackRun, data_offset: int) -> bytes:
    if track == VIDEO_ID:
        flags = _RUN_DURATION | _RUN_SIZE | _RUN_FLAGS | _RUN_COMPOSITION
        rows = [
            struct.pack(">IIIi", s.duration, len(s.data), _KEY if s.is_key else _NOT_KEY, s.composition_offset)
            for s in run.samples
        ]
    else:
        flags = _RUN_DURATION | _RUN_SIZE
        rows = [struct.pack(">II", s.duration, len(s.data)) for s in run.samples]
    return _box(
        b"traf",
        _full_box(b"tfhd", 0, _FRAGMENT_BASE, struct.pack(">I", track)),
        _full_box(b"tfdt", 1, 0, struct.pack(">Q", run.base_time)),
        _full_box(b"trun", 1, flags | _FRAGMENT_DATA_OFFSET, struct.pack(">Ii", len(run.samples), data_offset), *rows),
    )


def _video_track(track: VideoTrack) -> bytes:
    entry = _box(
        track.codec.encode(),
        struct.pack(">6xH16x", 1),
        struct.pack(">HHIIIH", track.width, track.height, _DOTS_PER_INCH, _DOTS_PER_INCH, 0, 1),
        struct.pack(">32xHh", 24, -1),
        _box(_CONFIG_BOX[track.codec], track.config),
    )
    header = _full_box(b"vmhd", 0, 1, bytes(8))
    return _track(VIDEO_ID, VIDEO_TIMESCALE, b"vide", header, entry, (track.width, track.height))


def _audio_track(track: AudioTrack) -> bytes:
    decoder = b"\x40\x15" + bytes(3) + struct.pack(">II", 0, 0) + _descriptor(5, track.config)
    elementary = struct.pack(">HB", AUDIO_ID, 0) + _descriptor(4, decoder) + _descriptor(6, b"\x02")
    entry = _box(
        b"mp4a",
        struct.pack(">6xH8x", 1),
        struct.pack(">HHII", track.channels, 16, 0, min(track.sample_rate, 0xFFFF) << 16),
        _full_box(b"esds", 0, 0, _descriptor(3, elementary)),
    )
    return _track(AUDIO_ID, track.sample_rate, b"soun", _full_box(b"smhd", 0, 0, bytes(4)), entry, (0, 0))


def _track(
    track: int, timescale: int, handler: bytes, media_header: bytes, entry: bytes, size: tuple[int, int]
) -> bytes:
    width, height = size
    volume = 0 if width else 0x0100
    header = struct.pack(">5I8x4H", 0, 0, track, 0, 0, 0, 0, volume, 0)
    header += _MATRIX + struct.pack(">II", width << 16, height << 16)
    no_samples = [
        _full_box(b"stts", 0, 0, bytes(4)),
        _full_box(b"stsc", 0, 0, bytes(4)),
        _full_box(b"stsz", 0, 0, bytes(8)),
        _full_box(b"stco", 0, 0, bytes(4)),
    ]
    description = _full_box(b"stsd", 0, 0, struct.pack(">I", 1), entry)
    references = _full_box(b"dref", 0, 0, struct.pack(">I", 1), _full_box(b"url ", 0, 1))
    return _box(
        b"trak",
        _full_box(b"tkhd", 0, 3, header),
        _box(
            b"mdia",
            _full_box(b"mdhd", 0, 0, struct.pack(">4IHH", 0, 0, timescale, 0, _UNDETERMINED, 0)),
            _full_box(b"hdlr", 0, 0, struct.pack(">I4s12x", 0, handler), b"\x00"),
            _box(b"minf", media_header, _box(b"dinf", references), _box(b"stbl", description, *no_samples)),
        ),
    )


def _box(kind: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full_box(kind: bytes, version: int, flags: int, *contents: bytes) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *contents)


def _descriptor(tag: int, body: bytes) -> bytes:
    """Return an MPEG-4 descriptor, with its length in the four-byte form that all readers accept."""
    length = len(body)
    sizes = bytes([0x80 | length >> 21 & 0x7F, 0x80 | length >> 14 & 0x7F, 0x80 | length >> 7 & 0x7F, length & 0x7F])
    return bytes([tag]) + sizes + body
