"""H.264 video as an FLV stream in a pipe, to a transcoder and back."""

from collections.abc import Iterator

from streaming_app.backend.media.rtmp.chunks import MessageType, RtmpMessage
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.flv import FlvReader
from streaming_app.backend.media.tracks import VideoFrame, VideoTrack

HEADER = b"FLV\x01\x01" + (9).to_bytes(4, "big") + bytes(4)
"""File header for video only. The last four bytes are the size of the tag before the first one."""
TAG_HEAD_BYTES = 11
_KEY, _INTER = 0x17, 0x27
_CONFIG, _FRAME = b"\x00", b"\x01"


def config_tag(track: VideoTrack) -> bytes:
    """Return the tag with the decoder configuration, which precedes the first frame."""
    return _tag(0, bytes([_KEY]) + _CONFIG + bytes(3) + track.config)


def frame_tag(frame: VideoFrame, base_ms: int) -> bytes:
    """Return the tag of one frame. ``base_ms`` is subtracted from its time, because FLV timestamps have 32 bits."""
    head = bytes([_KEY if frame.is_key else _INTER]) + _FRAME + frame.cts_ms.to_bytes(3, "big", signed=True)
    return _tag(frame.dts_ms - base_ms, head + frame.data)


class FlvPipeReader:
    """Reads an FLV stream in pieces of any size. ``base_ms`` is added to its timestamps."""

    def __init__(self, base_ms: int) -> None:
        self._base_ms = base_ms
        self._reader = FlvReader()
        self._bytes = bytearray()
        self._is_past_header = False

    def feed(self, data: bytes) -> Iterator[VideoTrack | VideoFrame]:
        """Yield what ``data`` completes. Raises ``IngestReadError`` for anything but FLV."""
        self._bytes += data
        if not self._is_past_header:
            if len(self._bytes) < len(HEADER):
                return
            if not self._bytes.startswith(HEADER[:3]):
                raise IngestReadError("The transcoder's output is not FLV.")
            del self._bytes[: len(HEADER)]
            self._is_past_header = True
        while len(self._bytes) >= TAG_HEAD_BYTES:
            size = int.from_bytes(self._bytes[1:4], "big")
            end = TAG_HEAD_BYTES + size
            if len(self._bytes) < end + 4:
                return
            kind = self._bytes[0] & 0x1F
            timestamp = int.from_bytes(self._bytes[4:7], "big") | self._bytes[7] << 24
            payload = bytes(self._bytes[TAG_HEAD_BYTES:end])
            del self._bytes[: end + 4]
            if kind == MessageType.VIDEO:
                yield from self._read(RtmpMessage(MessageType.VIDEO, 0, timestamp, payload))

    def _read(self, message: RtmpMessage) -> Iterator[VideoTrack | VideoFrame]:
        for media in self._reader.read(message):
            match media:
                case VideoTrack():
                    yield media
                case VideoFrame():
                    yield VideoFrame(media.dts_ms + self._base_ms, media.cts_ms, media.is_key, media.data)
                case _:
                    pass


def _tag(timestamp: int, payload: bytes) -> bytes:
    size = len(payload).to_bytes(3, "big")
    head = (
        bytes([MessageType.VIDEO])
        + size
        + (timestamp & 0xFFFFFF).to_bytes(3, "big")
        + bytes([timestamp >> 24, 0, 0, 0])
    )
    return head + payload + (TAG_HEAD_BYTES + len(payload)).to_bytes(4, "big")
