"""A publisher without manners: it sends its video at once, without waiting whether it is let in."""

import secrets
import socket
import struct
import subprocess
from pathlib import Path

HANDSHAKE_SIZE = 1536
CHUNK_SIZE = 65_536
COMMAND_CHANNEL, MEDIA_CHANNEL = 3, 6
SET_CHUNK_SIZE, AUDIO, VIDEO, COMMAND = 1, 8, 9, 20
FLV_HEADER_SIZE, TAG_HEADER_SIZE, TAG_TRAILER_SIZE = 13, 11, 4
STREAM_ID = 1
"""nginx-rtmp gives the first stream of a connection this number."""


def recorded_flv(folder: Path, seconds: int) -> bytes:
    """A few seconds of H.264 in FLV, a key frame each half second."""
    file = folder / "intruder.flv"
    # fmt: off
    command = [
        "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", f"color=red:size=320x180:rate=30:duration={seconds}",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "15", "-f", "flv", str(file),
    ]
    # fmt: on
    subprocess.run(command, check=True)
    return file.read_bytes()


def push_uninvited(port: int, application: str, name: str, flv: bytes, *, flash_version: str = "intruder") -> None:
    """Connect, announce ``name`` and send all of the video in the same breath; return when the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        _shake_hands(connection)
        address = f"rtmp://127.0.0.1/{application}"
        connection.sendall(
            _message(COMMAND_CHANNEL, SET_CHUNK_SIZE, struct.pack(">I", CHUNK_SIZE))
            + _command("connect", 1, {"app": application, "tcUrl": address, "flashVer": flash_version})
            + _command("createStream", 2, None)
            + _command("publish", 3, None, name, "live", stream_id=STREAM_ID)
            + _media(flv)
        )
        try:
            while connection.recv(CHUNK_SIZE):
                pass
        except (ConnectionResetError, TimeoutError):
            pass


def _shake_hands(connection: socket.socket) -> None:
    connection.sendall(b"\x03" + bytes(8) + secrets.token_bytes(HANDSHAKE_SIZE - 8))
    _receive(connection, 1)
    servers = _receive(connection, HANDSHAKE_SIZE)
    _receive(connection, HANDSHAKE_SIZE)
    connection.sendall(servers)


def _receive(connection: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        part = connection.recv(size - len(received))
        if not part:
            raise ConnectionResetError
        received += part
    return received


def _media(flv: bytes) -> bytes:
    messages: list[bytes] = []
    at = FLV_HEADER_SIZE
    while at + TAG_HEADER_SIZE <= len(flv):
        kind, size = flv[at], int.from_bytes(flv[at + 1 : at + 4])
        timestamp = flv[at + 7] << 24 | int.from_bytes(flv[at + 4 : at + 7])
        body = flv[at + TAG_HEADER_SIZE : at + TAG_HEADER_SIZE + size]
        if kind in {AUDIO, VIDEO}:
            messages.append(_message(MEDIA_CHANNEL, kind, body, timestamp=timestamp, stream_id=STREAM_ID))
        at += TAG_HEADER_SIZE + size + TAG_TRAILER_SIZE
    return b"".join(messages)


def _message(channel: int, kind: int, body: bytes, *, timestamp: int = 0, stream_id: int = 0) -> bytes:
    header = bytes([channel]) + timestamp.to_bytes(3) + len(body).to_bytes(3) + bytes([kind])
    chunks = [body[at : at + CHUNK_SIZE] for at in range(0, len(body), CHUNK_SIZE)]
    return header + struct.pack("<I", stream_id) + bytes([0xC0 | channel]).join(chunks)


def _command(name: str, number: int, *values: dict[str, str] | str | None, stream_id: int = 0) -> bytes:
    body = _amf(name) + b"\x00" + struct.pack(">d", number) + b"".join(_amf(value) for value in values)
    return _message(COMMAND_CHANNEL, COMMAND, body, stream_id=stream_id)


def _amf(value: dict[str, str] | str | None) -> bytes:
    if value is None:
        return b"\x05"
    if isinstance(value, str):
        return b"\x02" + _amf_text(value)
    pairs = b"".join(_amf_text(key) + _amf(each) for key, each in value.items())
    return b"\x03" + pairs + b"\x00\x00\x09"


def _amf_text(text: str) -> bytes:
    return len(text.encode()).to_bytes(2) + text.encode()
