"""A clock painted into the picture: the time at which a frame was made, still readable after encoding and scaling.

A row of ``BITS`` blocks along the upper edge shows the low bits of the Unix time in ms, most significant first, bright
for 1. The row below it shows the inverted blocks, so that damaged blocks are detected. The blocks are large enough for
a picture of 240 lines at 400 kbit/s.
"""

BITS = 24
"""Period after which the clock starts again at zero: about four and a half hours."""
PERIOD_MS = 1 << BITS
ROW_SHARE = 0.05
"""Height of one row of blocks, as a share of the picture's height."""
CONTRAST_MIN = 60
"""Minimum difference of brightness between a block and its inverse. They are painted with a difference of 219."""

DARK = 16
BRIGHT = 235
_OPPOSITE = bytes.maketrans(bytes([DARK, BRIGHT]), bytes([BRIGHT, DARK]))


def strip(width: int, height: int, unix_ms: int) -> bytes:
    """Return the clock as brightness (the Y of yuv420p): the upper lines of a picture of this size."""
    edges = [index * width // BITS for index in range(BITS + 1)]
    shown = unix_ms % PERIOD_MS
    blocks = [BRIGHT if shown >> (BITS - 1 - index) & 1 else DARK for index in range(BITS)]
    line = b"".join(bytes([block]) * (edges[index + 1] - edges[index]) for index, block in enumerate(blocks))
    return line * _row_lines(height) + line.translate(_OPPOSITE) * _row_lines(height)


def read(brightness: bytes, width: int, height: int) -> int | None:
    """Return the time in a picture, modulo ``PERIOD_MS``, or ``None`` if a block is unreadable."""
    lines = _row_lines(height)
    shown = 0
    for index in range(BITS):
        column = round((index + 0.5) * width / BITS)
        upper = brightness[lines // 2 * width + column]
        lower = brightness[(lines + lines // 2) * width + column]
        if abs(upper - lower) < CONTRAST_MIN:
            return None
        shown = shown << 1 | (upper > lower)
    return shown


def _row_lines(height: int) -> int:
    return round(height * ROW_SHARE)
