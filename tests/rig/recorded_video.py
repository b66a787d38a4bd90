"""Recordings with real video, made without nginx: by the packager's cutter and the recorder's folder."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from streaming_app.backend.media.live_window import LiveWindow
from streaming_app.backend.media.recordings import index_playlist
from streaming_app.backend.media.recordings.recording_folder import INDEX, RecordingFolder
from streaming_app.backend.media.rtmp.chunks import RtmpMessage
from streaming_app.backend.media.rtmp.flv import FlvReader
from streaming_app.backend.media.window_snapshot import Segment
from streaming_app.backend.packager.segment_folder import SegmentFolder
from tests.rig.media_frames import cuts_of
from tests.rig.memory_files import OPENED_AT, fill
from tests.rig.rtmp_publisher import tags_of

WINDOW_SECONDS = 600.0


def record(folder: Path, live: Path, connections: Sequence[bytes]) -> RecordingFolder:
    """Record to ``folder`` what an encoder sent: one FLV file for each of its connections during the stream."""
    window = LiveWindow(SegmentFolder(live), WINDOW_SECONDS, OPENED_AT)
    for flv in connections:
        reader = FlvReader()
        messages = (RtmpMessage(tag.kind, 1, tag.timestamp, tag.body) for tag in tags_of(flv))
        fill(window, cuts_of([media for message in messages for media in reader.read(message)]))
        window.end()
    recording = RecordingFolder(folder)
    recording.append(window.snapshot().segments, live)
    recording.finish()
    return recording


def record_zeros(folder: Path, segments: int, segment_bytes: int) -> None:
    """Make a recording whose files are large, take no space on the disk, and are no video."""
    folder.mkdir(parents=True)
    listed = [
        Segment(number, 1.0, datetime.now(UTC), "init-0.mp4", is_discontinuity=False) for number in range(segments)
    ]
    (folder / INDEX).write_text(index_playlist.playlist_text(listed, 1, is_finished=True))
    (folder / "init-0.mp4").write_bytes(bytes(100))
    for segment in listed:
        (folder / segment.name).touch()
        os.truncate(folder / segment.name, segment_bytes)
