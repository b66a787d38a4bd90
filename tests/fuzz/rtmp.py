"""Fuzzer of the RTMP reader, guided by line coverage: `python -m tests.fuzz.rtmp --seconds 60`.

It changes valid input at random, and keeps inputs that run new lines of the reader. It ends with the traceback and the
input of the first failure: an exception other than `IngestReadError`, too much memory, or an endless loop.
"""

import argparse
import faulthandler
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from streaming_app.backend.media import rtmp
from streaming_app.backend.media.codecs import codec_string
from streaming_app.backend.media.rtmp import amf
from streaming_app.backend.media.rtmp.chunks import MessageType, RtmpMessage
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.flv import FlvReader
from streaming_app.backend.media.rtmp.session import PlaySession
from streaming_app.backend.media.tracks import AudioTrack, VideoTrack
from tests.rig.rtmp_bytes import (
    AV1,
    AVC_INTERLACED,
    HANDSHAKE,
    HEVC,
    aac_config,
    aac_frame,
    avc_config,
    avc_frame,
    complete_session,
    enhanced_video,
    ignore,
)

READER = str(Path(rtmp.__file__).parent)
MAX_INPUT_BYTES = 8192
MEMORY_BYTES = 512 * 1024 * 1024
"""Maximum address space of the program. Above it, Python raises ``MemoryError``."""
HANG_SECONDS = 30
"""Maximum time for one input. After it the program ends with a traceback."""
BOUNDARY_VALUES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0xFFFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
Line = tuple[str, int]
Target = Callable[[bytes], None]


def read_session(data: bytes) -> None:
    """Feed a session after the handshake. The first four bytes are the sizes of the pieces, in units of 16 bytes."""
    session, flv = PlaySession("rtmp://host/live", "live", "c1", ignore), FlvReader()
    session.feed(HANDSHAKE)
    sizes, said = data[:4] or b"\0", data[4:]
    at = turn = 0
    while at < len(said) and not session.has_ended:
        size = 1 + 16 * sizes[turn % len(sizes)]
        for message in session.feed(said[at : at + size]):
            read_media(flv, message)
        at, turn = at + size, turn + 1
        assert len(session.take_outgoing()) <= MAX_INPUT_BYTES * 16


def read_tags(data: bytes) -> None:
    """Read FLV tags. Each follows one byte with its kind and two bytes with its length."""
    flv = FlvReader()
    while data:
        kind = MessageType.VIDEO if data[0] & 1 else MessageType.AUDIO
        length = int.from_bytes(data[1:3], "big")
        read_media(flv, RtmpMessage(kind, 1, length, data[3 : 3 + length]))
        data = data[3 + length :]


def read_command(data: bytes) -> None:
    amf.decode(data)


def read_media(flv: FlvReader, message: RtmpMessage) -> None:
    for media in flv.read(message):
        if isinstance(media, VideoTrack | AudioTrack):
            codec_string(media)


def tags(*parts: tuple[int, bytes]) -> bytes:
    return b"".join(bytes([kind]) + len(tag).to_bytes(2, "big") + tag for kind, tag in parts)


GOOD: dict[Target, list[bytes]] = {
    read_session: [bytes([255, 0, 3, 40]) + complete_session()[len(HANDSHAKE) :]],
    read_tags: [
        tags((1, avc_config()), (1, avc_frame(b"data", is_key=True)), (0, aac_config()), (0, aac_frame(b"data"))),
        tags((1, avc_config(AVC_INTERLACED)), (1, enhanced_video(b"hvc1", 0, HEVC))),
        tags((1, enhanced_video(b"av01", 0, AV1)), (1, enhanced_video(b"hvc1", 1, b"\0\0\1data"))),
        tags((0, aac_config(b"\x17\x80\x48\x40\x08")), (0, b"\x90Opus"), (1, enhanced_video(b"vp09", 0, b""))),
    ],
    read_command: [
        amf.encode("onStatus", 0, None, {"level": "status", "code": "NetStream.Play.Start", "yes": True}),
        b"\x08\0\0\0\x09\0\1w\0@\x94\0\0\0\0\0\0\0\0\x09" + b"\x0a\0\0\0\2\1\1\6" + b"\x0c\0\0\0\2hi",
    ],
}


def main() -> None:
    """Fuzz until the time is over or an input fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if arguments.seed is None else arguments.seed
    chance = random.Random(seed)  # noqa: S311 - no secret
    targets = list(GOOD)
    kept = {target: list(inputs) for target, inputs in GOOD.items()}
    seen: dict[Target, set[Line]] = {target: set() for target in targets}
    refusals: set[str] = set()
    tries = 0
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    ends_at = time.monotonic() + arguments.seconds
    while time.monotonic() < ends_at:
        target = targets[tries % len(targets)]
        data = changed(chance.choice(kept[target]), chance.choice(kept[target]), chance) if tries else kept[target][0]
        tries += 1
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        has_passed = False
        try:
            lines, refusal = run(target, data)
            has_passed = True
        finally:
            if not has_passed:
                print(f"Seed {seed}, {target.__name__} of {data.hex()}", file=sys.stderr)
        refusals.add(refusal)
        if not lines <= seen[target]:
            seen[target] |= lines
            kept[target].append(data)
    print(f"seed {seed}: {tries} inputs, no failure; {sum(map(len, kept.values()))} kept")
    print(f"lines reached: {len(set[Line]().union(*seen.values()))}; different errors: {len(refusals - {''})}")


def run(target: Target, data: bytes) -> tuple[set[Line], str]:
    """Return the reader's lines that ran, and its error without values; empty if the input is valid."""
    lines: set[Line] = set()

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(READER):
            return None
        if event == "line":
            lines.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    sys.settrace(trace)
    try:
        target(data)
    except IngestReadError as refused:
        return lines, re.sub(r"\d+|'.*'|\[.*\]", "N", str(refused))
    finally:
        sys.settrace(None)
    return lines, ""


def changed(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return the input after a few random changes."""
    for _ in range(chance.choice([1, 1, 2, 4, 8])):
        at = chance.randrange(len(data) + 1)
        end = min(len(data), at + chance.choice([1, 2, 4, 30]))
        data = data[:at] + piece(data[at:end], data, other, chance) + data[end:]
    return data[:MAX_INPUT_BYTES]


def piece(old: bytes, data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return a random replacement for ``old``: nothing, noise, a boundary value, flipped bits or a copy."""
    source = chance.choice([data, other]) or b"\0"
    begin = chance.randrange(len(source))
    choices: Iterable[bytes] = (
        b"",
        chance.randbytes(len(old)),
        chance.choice(BOUNDARY_VALUES).to_bytes(chance.choice([4, 5, 8]), "big")[-len(old) or None :],
        bytes(byte ^ (1 << chance.randrange(8)) for byte in old),
        old + source[begin : begin + chance.choice([4, 40, 400])],
    )
    return chance.choice(list(choices))


if __name__ == "__main__":
    main()
