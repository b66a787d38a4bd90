"""Reading the bits of codec headers: plain numbers and the Exp-Golomb codes of H.264 and HEVC."""

from streaming_app.backend.media.rtmp.errors import IngestReadError

MAX_HEADER_BYTES = 2048
"""What is read of a header: more than any sequence header has."""
MAX_GOLOMB_ZEROS = 32


class BitReader:
    """Bits of a header, first one first; raises ``IngestReadError`` where there are no more."""

    def __init__(self, data: bytes) -> None:
        data = data[:MAX_HEADER_BYTES]
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def number(self, count: int) -> int:
        """The next ``count`` bits as an unsigned number."""
        self._left -= count
        if self._left < 0:
            raise IngestReadError("A codec header is cut short.")
        return self._value >> self._left & (1 << count) - 1

    def flag(self) -> bool:
        """The next bit."""
        return self.number(1) == 1

    def skip(self, count: int) -> None:
        """Pass over ``count`` bits."""
        self.number(count)

    def exp_golomb(self) -> int:
        """An unsigned Exp-Golomb code: ``ue(v)``; AV1 calls it ``uvlc()``."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > MAX_GOLOMB_ZEROS:
                raise IngestReadError("A codec header has a number that is too large.")
        return (1 << zeros) - 1 + self.number(zeros)

    def signed_exp_golomb(self) -> int:
        """A signed Exp-Golomb code: ``se(v)``."""
        code = self.exp_golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def without_emulation_prevention(nal_unit: bytes) -> bytes:
    """The NAL unit's payload: the 3 in each 0 0 3 only keeps start codes out."""
    return nal_unit[:MAX_HEADER_BYTES].replace(b"\0\0\3", b"\0\0")
