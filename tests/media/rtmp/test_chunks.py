"""Reading messages from chunks of any size and order."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.media.rtmp.chunks import (
    MAX_CHUNK_STREAMS,
    MAX_MESSAGE_BYTES,
    ChunkReader,
    MessageType,
    RtmpMessage,
    write_message,
)
from streaming_app.backend.media.rtmp.errors import IngestReadError
from tests.rig.rtmp_bytes import control

VIDEO = MessageType.VIDEO
messages = st.builds(
    RtmpMessage,
    st.sampled_from([MessageType.AUDIO, MessageType.VIDEO, MessageType.COMMAND]),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**32 - 1) | st.integers(0xFFFFF0, 0x100000F),
    st.binary(max_size=700),
)
chunk_stream_ids = st.sampled_from([2, 3, 63, 64, 319, 320, 65599])


def first_header(chunk_stream_id: int, timestamp: int, length: int, type_id: int = VIDEO) -> bytes:
    return (
        bytes([chunk_stream_id])
        + timestamp.to_bytes(3, "big")
        + length.to_bytes(3, "big")
        + bytes([type_id, 1, 0, 0, 0])
    )


@given(st.lists(st.tuples(messages, chunk_stream_ids), max_size=8), st.integers(1, 900), st.data())
def test_written_messages_are_read_from_any_split(
    sent: list[tuple[RtmpMessage, int]], chunk_size: int, data: st.DataObject
) -> None:
    stream = control(MessageType.SET_CHUNK_SIZE, chunk_size)
    stream += b"".join(write_message(message, chunk_stream_id, chunk_size) for message, chunk_stream_id in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))

    reader = ChunkReader()
    read = [
        message
        for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)
        for message in reader.feed(stream[begin:end])
    ]

    assert read == [message for message, _ in sent]


@given(st.binary(max_size=4000))
def test_random_input_raises_only_the_documented_error(noise: bytes) -> None:
    reader = ChunkReader()
    try:
        for at in range(0, len(noise), 100):
            reader.feed(noise[at : at + 100])
    except IngestReadError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 - the test is about this error


def test_a_stream_read_byte_by_byte_is_the_same() -> None:
    stream = write_message(RtmpMessage(VIDEO, 1, 0x01234567, bytes(range(256)) * 2), 5)
    reader = ChunkReader()

    read = [message for byte in stream for message in reader.feed(bytes([byte]))]

    assert read == ChunkReader().feed(stream)
    assert len(read) == 1


def test_shorter_headers_reuse_the_previous_values() -> None:
    stream = first_header(4, 1000, 2) + b"aa"
    stream += b"\x44" + (20).to_bytes(3, "big") + (1).to_bytes(3, "big") + bytes([MessageType.AUDIO]) + b"b"
    stream += b"\x84" + (21).to_bytes(3, "big") + b"c"
    stream += b"\xc4d"

    read = ChunkReader().feed(stream)

    assert [(m.timestamp, m.type_id, m.stream_id, m.payload) for m in read] == [
        (1000, VIDEO, 1, b"aa"),
        (1020, MessageType.AUDIO, 1, b"b"),
        (1041, MessageType.AUDIO, 1, b"c"),
        (1062, MessageType.AUDIO, 1, b"d"),
    ]


def test_a_negative_timestamp_delta_wraps_around() -> None:
    stream = first_header(4, 5000, 1) + b"a"
    stream += b"\x44\xff\xff\xff" + (1).to_bytes(3, "big") + bytes([VIDEO]) + struct.pack(">i", -4000) + b"b"

    assert [message.timestamp for message in ChunkReader().feed(stream)] == [5000, 1000]


def test_an_extended_timestamp_is_read_in_every_chunk_of_its_message() -> None:
    time = struct.pack(">I", 0x01000005)
    stream = first_header(4, 0xFFFFFF, 200) + time + bytes(128) + b"\xc4" + time + bytes(72)
    stream += b"\x84\x00\x00\x0a" + bytes(128) + b"\xc4" + bytes(72)

    assert [message.timestamp for message in ChunkReader().feed(stream)] == [0x01000005, 0x0100000F]


def test_messages_may_be_interleaved() -> None:
    stream = first_header(4, 0, 200) + b"v" * 128
    stream += first_header(5, 0, 130, MessageType.AUDIO) + b"a" * 128
    stream += b"\xc4" + b"v" * 72 + b"\xc5" + b"aa"

    assert [message.payload for message in ChunkReader().feed(stream)] == [b"v" * 200, b"a" * 130]


def test_an_aborted_message_is_dropped() -> None:
    stream = first_header(4, 0, 200) + b"v" * 128 + control(MessageType.ABORT, 4) + first_header(4, 7, 1) + b"w"

    assert [message.payload for message in ChunkReader().feed(stream)] == [b"w"]


def test_an_abort_without_a_message_changes_nothing() -> None:
    assert ChunkReader().feed(control(MessageType.ABORT, 9)) == []


def test_an_empty_message_is_valid() -> None:
    assert [message.payload for message in ChunkReader().feed(first_header(4, 0, 0))] == [b""]


@pytest.mark.parametrize(
    ("stream", "why"),
    [
        (b"\x44" + bytes(7), "without a full header"),
        (first_header(4, 0, MAX_MESSAGE_BYTES + 1), "larger than"),
        (first_header(4, 0, 200) + bytes(128) + first_header(4, 0, 1), "is complete"),
        (control(MessageType.SET_CHUNK_SIZE, 0), "chunk size"),
        (control(MessageType.SET_CHUNK_SIZE, 0x8000_0000), "chunk size"),
        (write_message(RtmpMessage(MessageType.SET_CHUNK_SIZE, 0, 0, b"\1"), 2), "too short"),
    ],
)
def test_invalid_chunks_are_refused(stream: bytes, why: str) -> None:
    with pytest.raises(IngestReadError, match=why):
        ChunkReader().feed(stream)


def test_the_number_of_chunk_streams_is_limited() -> None:
    empty = RtmpMessage(VIDEO, 1, 0, b"")
    reader = ChunkReader()
    reader.feed(b"".join(write_message(empty, 3 + number) for number in range(MAX_CHUNK_STREAMS)))

    with pytest.raises(IngestReadError, match="chunk streams"):
        reader.feed(write_message(empty, 2))


def test_the_size_of_incomplete_messages_is_limited() -> None:
    size = MAX_MESSAGE_BYTES - 1
    reader = ChunkReader()
    reader.feed(control(MessageType.SET_CHUNK_SIZE, size - 1))

    reader.feed(first_header(4, 0, size) + bytes(size - 1))
    reader.feed(first_header(5, 0, size) + bytes(size - 1))
    with pytest.raises(IngestReadError, match="Incomplete messages"):
        reader.feed(first_header(6, 0, size) + bytes(size - 1))
