"""Encoding and decoding of AMF0, and the refusal of invalid values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.media.rtmp import amf
from streaming_app.backend.media.rtmp.errors import IngestReadError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
simple = st.none() | st.booleans() | st.floats(allow_nan=False) | texts
values = simple | st.dictionaries(texts.filter(bool), simple, max_size=5)


@given(st.lists(values, max_size=6))
def test_encoded_values_are_decoded_unchanged(sent: list[amf.Encodable]) -> None:
    assert amf.decode(amf.encode(*sent)) == sent


@given(st.binary(max_size=300))
def test_random_input_raises_only_the_documented_error(noise: bytes) -> None:
    try:
        amf.decode(noise)
    except IngestReadError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 - the test is about this error


def test_types_that_only_servers_send_are_decoded() -> None:
    array = b"\x08\0\0\0\x09" + b"\0\1w" + b"\0@\x94\0\0\0\0\0\0" + b"\0\0\x09"
    strict = b"\x0a\0\0\0\2" + b"\1\1" + b"\6"
    date = b"\x0b" + b"@\x94\0\0\0\0\0\0" + b"\0\0"
    long_text = b"\x0c\0\0\0\2hi"

    assert amf.decode(array + strict + date + long_text) == [{"w": 1280.0}, [True, None], 1280.0, "hi"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x02\0\5ab", "ends in the middle"),
        (b"\x0a\xff\xff\xff\xff\5", "ends in the middle"),
        (b"\x0d", "unknown AMF0 type 13"),
        (b"\x03\0\1a" * 5000, "too deeply"),
        (b"\x0a\0\0\0\1" * 5000, "too deeply"),
    ],
)
def test_invalid_values_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(IngestReadError, match=why):
        amf.decode(data)
