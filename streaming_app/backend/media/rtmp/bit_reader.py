"""Reads the bits of codec headers: fixed-length numbers, and the Exp-Golomb codes of H.264 and HEVC."""

from streaming_app.backend.media.rtmp.errors import IngestReadError

MAX_HEADER_BYTES = 2048
"""Bytes of a header that are read: more than any sequence header has."""
MAX_GOLOMB_ZEROS = 32


class BitReader:
    """Reads the bits of a header in order. Raises ``IngestReadError`` at the end of the data."""

    def __init__(self, data: bytes) -> None:
        data = data[:MAX_HEADER_BYTES]
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def number(self, count: int) -> int:
        """Return the next ``count`` bits as an unsigned number."""
        self._left -= count
        if self._left < 0:
            raise IngestReadError("A codec header is truncated.")
        return self._value >> self._left & (1 << count) - 1

    def flag(self) -> bool:
        """Return the next bit."""
        return self.number(1) == 1

    def skip(self, count: int) -> None:
        """Skip ``count`` bits."""
        self.number(count)

    def exp_golomb(self) -> int:
        """Return an unsigned Exp-Golomb code: ``ue(v)``, in AV1 ``uvlc()``."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > MAX_GOLOMB_ZEROS:
                raise IngestReadError("A codec header contains a number that is too large.")
        return (1 << zeros) - 1 + self.number(zeros)

    def signed_exp_golomb(self) -> int:
        """Return a signed Exp-Golomb code: ``se(v)``."""
        code = self.exp_golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def without_emulation_prevention(nal_unit: bytes) -> bytes:
    """Return the payload of a NAL unit, without the 3 in each 0 0 3, which only prevents start codes."""
    return nal_unit[:MAX_HEADER_BYTES].replace(b"\0\0\3", b"\0\0")
