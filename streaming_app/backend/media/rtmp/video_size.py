"""Reads the picture size from the decoder configuration records of H.264, HEVC and AV1."""

from streaming_app.backend.media.rtmp.bit_reader import BitReader, without_emulation_prevention
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.tracks import VideoCodec

Size = tuple[int, int]
"""Width and height of the displayed (cropped) picture in pixels."""

MAX_PIXELS_A_SIDE = 65_535
"""Maximum width or height in the sample entry of an MP4 file."""
HIGH_PROFILES = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
"""H.264 profiles whose SPS contains the chroma format and the scaling lists."""
YUV_420, YUV_422, YUV_444 = 1, 2, 3
LISTS_OF_16 = 6
"""Number of scaling lists with 16 numbers. They come first; the other lists have 64 numbers."""
MAX_CYCLE = 255
"""Maximum number of pictures in a cycle of picture order counts (H.264 standard)."""
HVCC_HEADER_BYTES = 22
HEVC_SPS = 33
AV1C_HEADER_BYTES = 4
AV1_SEQUENCE_HEADER = 1
AV1_TIERED_LEVEL = 7
"""Higher levels have a tier bit."""
MAX_LEB128_BYTES = 8


def size_of(codec: VideoCodec, config: bytes) -> Size:
    """Return the picture size. Raises ``IngestReadError`` if the record is malformed."""
    if not config or config[0] & 0x7F != 1:
        raise IngestReadError("The video's configuration has an unknown version.")
    read = {"avc1": _h264_size, "hvc1": _hevc_size, "av01": _av1_size}[codec]
    width, height = read(config)
    if not (0 < width <= MAX_PIXELS_A_SIDE and 0 < height <= MAX_PIXELS_A_SIDE):
        raise IngestReadError(f"Invalid video size {width}x{height}.")
    return width, height


def _h264_size(config: bytes) -> Size:
    counts = _slice(config, 5, 1)[0]
    if not counts & 31:
        raise IngestReadError("The video's configuration has no SPS.")
    bits = BitReader(without_emulation_prevention(_length_prefixed(config, 6)))
    bits.skip(8)
    profile = bits.number(8)
    bits.skip(16)
    bits.exp_golomb()
    chroma = _h264_chroma(bits) if profile in HIGH_PROFILES else YUV_420
    bits.exp_golomb()
    _skip_picture_order(bits)
    bits.exp_golomb()
    bits.skip(1)
    width = 16 * (bits.exp_golomb() + 1)
    map_units = bits.exp_golomb() + 1
    fields = 1 if bits.flag() else 2
    if fields > 1:
        bits.skip(1)
    bits.skip(1)
    height = 16 * map_units * fields
    return _cropped(bits, width, height, chroma, fields)


def _h264_chroma(bits: BitReader) -> int:
    chroma = bits.exp_golomb()
    if chroma == YUV_444 and bits.flag():
        chroma = 0  # separate colour planes are cropped like a monochrome picture
    bits.exp_golomb()
    bits.exp_golomb()
    bits.skip(1)
    if bits.flag():
        lists = 12 if chroma in {0, YUV_444} else 8
        for index in range(lists):
            if bits.flag():
                _skip_scaling_list(bits, 16 if index < LISTS_OF_16 else 64)
    return chroma


def _skip_scaling_list(bits: BitReader, count: int) -> None:
    last = 8
    for _ in range(count):
        following = (last + bits.signed_exp_golomb()) % 256
        if not following:
            return
        last = following


def _skip_picture_order(bits: BitReader) -> None:
    kind = bits.exp_golomb()
    if kind == 0:
        bits.exp_golomb()
    elif kind == 1:
        bits.skip(1)
        bits.exp_golomb()
        bits.exp_golomb()
        cycle = bits.exp_golomb()
        if cycle > MAX_CYCLE:
            raise IngestReadError("The video's configuration has too many pictures in its picture order cycle.")
        for _ in range(cycle):
            bits.exp_golomb()


def _cropped(bits: BitReader, width: int, height: int, chroma: int, fields: int) -> Size:
    """Subtract the cropped area from the size. The bitstream gives the area in chroma samples."""
    if bits.flag():
        left, right, top, bottom = (bits.exp_golomb() for _ in range(4))
        width -= (left + right) * (2 if chroma in {YUV_420, YUV_422} else 1)
        height -= (top + bottom) * (2 if chroma == YUV_420 else 1) * fields
    return width, height


def _hevc_size(config: bytes) -> Size:
    bits = BitReader(without_emulation_prevention(_hevc_sps(config)))
    bits.skip(16 + 4)
    sub_layers = bits.number(3)
    bits.skip(1 + 88 + 8)
    present = [(bits.flag(), bits.flag()) for _ in range(sub_layers)]
    bits.skip(2 * (8 - sub_layers) if sub_layers else 0)
    for has_profile, has_level in present:
        bits.skip(88 * has_profile + 8 * has_level)
    bits.exp_golomb()
    chroma = bits.exp_golomb()
    if chroma == YUV_444 and bits.flag():
        chroma = 0
    width, height = bits.exp_golomb(), bits.exp_golomb()
    return _cropped(bits, width, height, chroma, fields=1)


def _hevc_sps(config: bytes) -> bytes:
    at = HVCC_HEADER_BYTES + 1
    for _ in range(_slice(config, HVCC_HEADER_BYTES, 1)[0]):
        kind = _slice(config, at, 1)[0] & 0x3F
        count = int.from_bytes(_slice(config, at + 1, 2), "big")
        at += 3
        for _ in range(count):
            unit = _length_prefixed(config, at)
            if kind == HEVC_SPS:
                return unit
            at += 2 + len(unit)
    raise IngestReadError("The video's configuration has no SPS.")


def _av1_size(config: bytes) -> Size:
    bits = BitReader(_av1_sequence_header(config))
    bits.skip(3 + 1)
    if bits.flag():
        bits.skip(5)
    else:
        _skip_av1_timing_and_points(bits)
    width_bits, height_bits = bits.number(4) + 1, bits.number(4) + 1
    return bits.number(width_bits) + 1, bits.number(height_bits) + 1


def _av1_sequence_header(config: bytes) -> bytes:
    """Return the first sequence header OBU after the four bytes of the record's header."""
    at = AV1C_HEADER_BYTES
    while at < len(config):
        header = config[at]
        has_extension, has_size = header & 4, header & 2
        at += 2 if has_extension else 1
        size, at = _leb128(config, at) if has_size else (len(config) - at, at)
        if header >> 3 & 15 == AV1_SEQUENCE_HEADER:
            return _slice(config, at, size)
        at += size
    raise IngestReadError("The video's configuration has no sequence header.")


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """Return the LEB128 number at ``at`` and the position after it. Raises ``IngestReadError``."""
    value = 0
    for index in range(MAX_LEB128_BYTES):
        byte = _slice(data, at + index, 1)[0]
        value |= (byte & 0x7F) << 7 * index
        if not byte & 0x80:
            return value, at + index + 1
    raise IngestReadError("The video's configuration contains an invalid size field.")


def _skip_av1_timing_and_points(bits: BitReader) -> None:
    delay_bits = 0
    if bits.flag():
        bits.skip(64)
        if bits.flag():
            bits.exp_golomb()
        if bits.flag():
            delay_bits = bits.number(5) + 1
            bits.skip(32 + 5 + 5)
    has_display_delay = bits.flag()
    for _ in range(bits.number(5) + 1):
        bits.skip(12)
        if bits.number(5) > AV1_TIERED_LEVEL:
            bits.skip(1)
        if delay_bits and bits.flag():
            bits.skip(2 * delay_bits + 1)
        if has_display_delay and bits.flag():
            bits.skip(4)


def _slice(data: bytes, at: int, size: int) -> bytes:
    data_slice = data[at : at + size]
    if len(data_slice) < size:
        raise IngestReadError("The video's configuration is truncated.")
    return data_slice


def _length_prefixed(data: bytes, at: int) -> bytes:
    """Return the bytes after a two-byte length. Raises ``IngestReadError``."""
    return _slice(data, at + 2, int.from_bytes(_slice(data, at, 2), "big"))
