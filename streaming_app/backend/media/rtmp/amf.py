"""AMF0, the encoding of values in RTMP commands."""

import struct
from collections.abc import Callable, Mapping

from streaming_app.backend.media.rtmp.errors import IngestReadError

Value = bool | float | str | list["Value"] | dict[str, "Value"] | None
Encodable = bool | float | str | Mapping[str, bool | float | str | None] | None

MAX_DEPTH = 8
"""Maximum nesting of objects. Commands have one or two levels."""
NUMBER, BOOLEAN, STRING, OBJECT = 0, 1, 2, 3
NULL, UNDEFINED, ECMA_ARRAY, OBJECT_END = 5, 6, 8, 9
STRICT_ARRAY, DATE, LONG_STRING = 10, 11, 12


def encode(*values: Encodable) -> bytes:
    """Encode values one after another. Strings may have up to 65,535 bytes."""
    return b"".join(map(_encoded, values))


def decode(data: bytes) -> list[Value]:
    """Decode all values of a command. Raises ``IngestReadError``."""
    reader = _AmfReader(data)
    values: list[Value] = []
    while not reader.is_at_end():
        values.append(reader.value(depth=0))
    return values


def _encoded(value: Encodable) -> bytes:
    if value is None:
        return bytes([NULL])
    if isinstance(value, bool):
        return bytes([BOOLEAN, value])
    if isinstance(value, int | float):
        return bytes([NUMBER]) + struct.pack(">d", value)
    if isinstance(value, str):
        return bytes([STRING]) + _text(value)
    members = b"".join(_text(key) + _encoded(member) for key, member in value.items())
    return bytes([OBJECT]) + members + _text("") + bytes([OBJECT_END])


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">H", len(encoded)) + encoded


class _AmfReader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def is_at_end(self) -> bool:
        return self._at == len(self._data)

    def value(self, depth: int) -> Value:
        if depth > MAX_DEPTH:
            raise IngestReadError("The objects of a command are nested too deeply.")
        marker = self._take(1)[0]
        read = _READERS.get(marker)
        if read is None:
            raise IngestReadError(f"A command contains a value of the unknown AMF0 type {marker}.")
        return read(self, depth)

    def _take(self, count: int) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise IngestReadError("A command ends in the middle of a value.")
        taken = self._data[self._at : end]
        self._at = end
        return taken

    def _unsigned(self, size: int) -> int:
        return int.from_bytes(self._take(size), "big")

    def number(self, _depth: int) -> float:
        return struct.unpack(">d", self._take(8))[0]

    def boolean(self, _depth: int) -> bool:
        return self._take(1) != b"\0"

    def string(self, _depth: int) -> str:
        return self._take(self._unsigned(2)).decode(errors="replace")

    def long_string(self, _depth: int) -> str:
        return self._take(self._unsigned(4)).decode(errors="replace")

    def nothing(self, _depth: int) -> None:
        return None

    def object(self, depth: int) -> dict[str, Value]:
        members: dict[str, Value] = {}
        while True:
            key = self.string(depth)
            if not key and self._data[self._at : self._at + 1] == bytes([OBJECT_END]):
                self._take(1)
                return members
            members[key] = self.value(depth + 1)

    def ecma_array(self, depth: int) -> dict[str, Value]:
        self._take(4)  # a count that encoders get wrong
        return self.object(depth)

    def strict_array(self, depth: int) -> list[Value]:
        return [self.value(depth + 1) for _ in range(self._unsigned(4))]

    def date(self, depth: int) -> float:
        milliseconds = self.number(depth)
        self._take(2)  # a time zone that is always 0
        return milliseconds


_READERS: Mapping[int, Callable[[_AmfReader, int], Value]] = {
    NUMBER: _AmfReader.number,
    BOOLEAN: _AmfReader.boolean,
    STRING: _AmfReader.string,
    OBJECT: _AmfReader.object,
    NULL: _AmfReader.nothing,
    UNDEFINED: _AmfReader.nothing,
    ECMA_ARRAY: _AmfReader.ecma_array,
    STRICT_ARRAY: _AmfReader.strict_array,
    DATE: _AmfReader.date,
    LONG_STRING: _AmfReader.long_string,
}
