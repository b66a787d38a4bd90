"""The player's side of the RTMP conversation, without a server."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming_app.backend.media.rtmp import amf
from streaming_app.backend.media.rtmp.chunks import ChunkReader, MessageType, RtmpMessage, write_message
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.flv import FlvReader
from streaming_app.backend.media.rtmp.session import PlaySession
from streaming_app.backend.media.tracks import Media
from tests.rig.rtmp_bytes import (
    HANDSHAKE,
    command,
    complete_session,
    control,
    event,
    ignore,
    result,
    status,
    video,
)


def connected() -> tuple[PlaySession, ChunkReader]:
    """Return a session after the handshake, and a reader of its answers."""
    session = PlaySession("rtmp://host/live", "live", "c1", ignore)
    session.feed(HANDSHAKE)
    said = session.take_outgoing()
    answers = ChunkReader()
    [connect] = answers.feed(said[1 + 2 * 1536 :])
    assert amf.decode(connect.payload)[:2] == ["connect", 1]
    return session, answers


def answered(session: PlaySession, answers: ChunkReader, said: bytes) -> list[tuple[int, bytes]]:
    session.feed(said)
    return [(message.type_id, message.payload) for message in answers.feed(session.take_outgoing())]


def read_all(conversation: bytes, cuts: list[int]) -> list[Media]:
    session, flv = PlaySession("rtmp://host/live", "live", "c1", ignore), FlvReader()
    read: list[Media] = []
    for begin, end in zip([0, *cuts], [*cuts, len(conversation)], strict=True):
        for message in session.feed(conversation[begin:end]):
            read += flv.read(message)
    return read


def test_the_session_sends_play_when_its_stream_is_created() -> None:
    session, answers = connected()

    [(_, create)] = answered(session, answers, result(1, None, {"code": "NetConnection.Connect.Success"}))
    [(_, play)] = answered(session, answers, result(2, None, 1))

    assert amf.decode(create) == ["createStream", 2, None]
    assert amf.decode(play) == ["play", 3, None, "c1", -1000]


def test_the_session_answers_pings_and_window_sizes() -> None:
    session, answers = connected()

    assert answered(session, answers, event(6, 4711)) == [(MessageType.USER_CONTROL, struct.pack(">HI", 7, 4711))]
    assert answered(session, answers, control(MessageType.PEER_BANDWIDTH, 5000)) == [
        (MessageType.WINDOW_SIZE, struct.pack(">I", 5000))
    ]


def test_the_session_acknowledges_half_a_window() -> None:
    session, answers = connected()
    window = control(MessageType.WINDOW_SIZE, 10_000)
    frame = write_message(video(0, bytes(2000)), 6)

    said = [answer for part in (window, frame, frame, frame) for answer in answered(session, answers, part)]

    received = len(HANDSHAKE + window)
    assert said == [(MessageType.ACKNOWLEDGEMENT, struct.pack(">I", received + len(frame)))]


def test_the_session_reports_joining_and_waits_for_the_first_frame() -> None:
    calls: list[str] = []
    session = PlaySession("rtmp://host/live", "live", "c1", lambda: calls.append("joined"))
    session.feed(HANDSHAKE + result(1, None) + result(2, None, 1))
    assert (calls, session.is_waiting) == ([], False)

    session.feed(status("NetStream.Play.Start"))
    assert (calls, session.is_waiting) == (["joined"], True)
    session.feed(write_message(video(0, b"frame"), 6))
    assert (calls, session.is_waiting) == (["joined"], False)


@pytest.mark.parametrize(
    "ending",
    [
        status("NetStream.Play.UnpublishNotify"),
        status("NetStream.Play.Stop"),
        status("NetStream.Play.StreamNotFound", "error"),
        event(1, 1),
    ],
)
def test_the_session_ends_with_the_stream(ending: bytes) -> None:
    session, _ = connected()
    frame = write_message(video(0, b"frame"), 6)

    assert session.feed(frame + ending + frame) == [video(0, b"frame")]
    assert session.has_ended


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (command("_error", 1, None, {"code": "NetConnection.Connect.Rejected"}), "refused.*Rejected"),
        (status("NetStream.Play.Failed", "error"), "refused.*Failed"),
        (result(2, None, 0.5), "Invalid stream id"),
        (result(2, None, -1), "Invalid stream id"),
        (result(2, None, float("nan")), "Invalid stream id"),
        (write_message(RtmpMessage(MessageType.COMMAND, 0, 0, b"\x02\0"), 3), "middle of a value"),
        (write_message(RtmpMessage(MessageType.USER_CONTROL, 0, 0, b"\0\6\0"), 2), "too short"),
    ],
)
def test_a_refusal_or_an_invalid_answer_is_an_error(said: bytes, why: str) -> None:
    session, _ = connected()

    with pytest.raises(IngestReadError, match=why):
        session.feed(said)


def test_another_protocol_is_an_error_at_once() -> None:
    with pytest.raises(IngestReadError, match="Not an RTMP server"):
        PlaySession("rtmp://host/live", "live", "c1", ignore).feed(b"HTTP/1.1 400 Bad Request\r\n")


def test_unknown_commands_and_messages_are_ignored() -> None:
    session, answers = connected()
    amf3 = write_message(RtmpMessage(MessageType.COMMAND_AMF3, 0, 0, b"\0" + amf.encode("onBWDone", 0)), 3)
    unknown = write_message(RtmpMessage(99, 0, 0, b"?"), 3)

    assert answered(session, answers, amf3 + unknown + command("onFCSubscribe") + command()) == []


@given(st.data())
def test_a_session_reads_the_same_from_any_split(data: st.DataObject) -> None:
    conversation = complete_session()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(conversation)), max_size=30)))

    assert read_all(conversation, cuts) == read_all(conversation, [])


def test_a_session_yields_tracks_and_frames() -> None:
    assert [type(media).__name__ for media in read_all(complete_session(), [])] == [
        "VideoTrack", "AudioTrack", "VideoFrame", "AudioFrame", "VideoFrame", "VideoTrack", "VideoTrack", "Unsupported",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(len(HANDSHAKE), len(complete_session()) - 1), st.integers(0, 255)), max_size=6))
def test_damaged_input_raises_only_the_documented_error(damages: list[tuple[int, int]]) -> None:
    conversation = bytearray(complete_session())
    for at, byte in damages:
        conversation[at] = byte
    try:
        read_all(bytes(conversation), [])
    except IngestReadError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 - the test is about this error
