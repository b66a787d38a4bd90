"""Messages of nginx-rtmp to a player, as bytes, for tests without a server."""

import struct

from streaming_app.backend.media.rtmp import amf
from streaming_app.backend.media.rtmp.chunks import MessageType, RtmpMessage, write_message

HANDSHAKE = bytes([3]) + bytes(2 * 1536)
AVC = bytes.fromhex("01640028ffe1001b67640028acd940780227e5c044000003000400000300283c60c65801000668ebe3cb22c0fdf8f800")
"""Configuration of H.264 in 1920x1080 from x264. The height is cropped."""
AVC_INTERLACED = bytes.fromhex(
    "017a001effe10018677a001ebcd940b424d8088000000300800000190f8a14cb01000668fba3cb22c0fef8f800"
)
"""Configuration of interlaced H.264 in 720x576, 4:2:2."""
HEVC = bytes.fromhex(
    "01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff016000000300900000030000030078959409"
    "a10001002c420101016000000300900000030000030078a003c0801107cb965654a4c2f016808000000300800000030284a20001"
    "00064401c073c189"
)
"""Configuration of HEVC in 1920x1080 from x265."""
AV1 = bytes.fromhex("81000c000a0b000000043cfecc02f80040")
"""Configuration of AV1 in 320x180 from SVT-AV1."""
AAC = bytes.fromhex("121056e500")
"""Configuration of AAC: LC, 44.1 kHz, stereo."""


def ignore() -> None:
    """Do nothing. A ``joined`` callback for tests that do not need it."""


def video(timestamp: int, tag: bytes) -> RtmpMessage:
    return RtmpMessage(MessageType.VIDEO, 1, timestamp, tag)


def audio(timestamp: int, tag: bytes) -> RtmpMessage:
    return RtmpMessage(MessageType.AUDIO, 1, timestamp, tag)


def avc_config(config: bytes = AVC) -> bytes:
    return b"\x17\0\0\0\0" + config


def avc_frame(data: bytes, *, cts_ms: int = 0, is_key: bool = False) -> bytes:
    return bytes([0x17 if is_key else 0x27, 1]) + cts_ms.to_bytes(3, "big", signed=True) + data


def aac_config(config: bytes = AAC) -> bytes:
    return b"\xaf\0" + config


def aac_frame(data: bytes) -> bytes:
    return b"\xaf\1" + data


def enhanced_video(fourcc: bytes, packet_type: int, data: bytes, *, is_key: bool = True) -> bytes:
    return bytes([0x80 | (0x10 if is_key else 0x20) | packet_type]) + fourcc + data


def result(transaction: int, *values: amf.Encodable) -> bytes:
    return command("_result", transaction, *values)


def status(code: str, level: str = "status") -> bytes:
    return command("onStatus", 0, None, {"level": level, "code": code})


def command(*values: amf.Encodable) -> bytes:
    return write_message(RtmpMessage(MessageType.COMMAND, 0, 0, amf.encode(*values)), 3)


def control(type_id: int, *numbers: int) -> bytes:
    return write_message(RtmpMessage(type_id, 0, 0, struct.pack(f">{len(numbers)}I", *numbers)), 2)


def event(kind: int, number: int) -> bytes:
    return write_message(RtmpMessage(MessageType.USER_CONTROL, 0, 0, struct.pack(">HI", kind, number)), 2)


def complete_session() -> bytes:
    """Return everything that nginx sends to a player of a short stream with video and audio."""
    media = [
        video(0, avc_config()),
        audio(0, aac_config()),
        video(0, avc_frame(b"k" * 700, is_key=True)),
        audio(5, aac_frame(b"a" * 90)),
        video(33, avc_frame(b"p" * 200, cts_ms=33)),
        video(0x01000000, enhanced_video(b"hvc1", 0, HEVC)),
        video(0x01000010, enhanced_video(b"av01", 0, AV1)),
        audio(0x01000020, b"\x2f" + b"mp3"),
    ]
    return b"".join(
        [
            HANDSHAKE,
            control(MessageType.WINDOW_SIZE, 5_000_000),
            control(MessageType.PEER_BANDWIDTH, 5_000_000),
            control(MessageType.SET_CHUNK_SIZE, 512),
            result(1, {"fmsVer": "FMS/3,0,1,123"}, {"code": "NetConnection.Connect.Success"}),
            result(2, None, 1),
            status("NetStream.Play.Start"),
            event(6, 4711),
            *(write_message(message, 6, 512) for message in media),
            status("NetStream.Play.UnpublishNotify"),
        ]
    )
