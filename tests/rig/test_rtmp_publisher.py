import asyncio
from pathlib import Path

from streaming_app.backend.media.rtmp.chunks import ChunkReader, RtmpMessage
from tests.rig.ffmpeg import recorded_flv
from tests.rig.ports import HOST
from tests.rig.rtmp_publisher import (
    ACCEPTED,
    AUDIO,
    DATA,
    HANDSHAKE_SIZE,
    VIDEO,
    Tag,
    connected,
    shift,
    shift_every,
    tags_of,
)


def test_tags_of_a_file_are_due_at_their_timestamps(tmp_path: Path) -> None:
    tags = tags_of(recorded_flv(tmp_path / "two.flv", seconds=2))

    assert {tag.kind for tag in tags} == {AUDIO, VIDEO, DATA}
    assert 1900 < max(tag.at_ms for tag in tags) < 2100
    assert all(tag.at_ms == tag.timestamp for tag in tags)


def test_shifting_timestamps_keeps_the_send_times() -> None:
    tags = [Tag(kind, ms, ms, b"") for ms in (0, 500, 1000) for kind in (AUDIO, VIDEO)]

    assert [tag.timestamp for tag in shift(tags, 20_000, kinds={AUDIO})] == [20_000, 0, 20_500, 500, 21_000, 1000]
    assert [tag.timestamp for tag in shift(tags, -400, from_ms=500)] == [0, 0, 100, 100, 600, 600]
    assert [tag.timestamp for tag in shift_every(tags, 2, -40)] == [0, 0, 500, 500, 1000, 960]
    assert [tag.at_ms for tag in shift(tags, 20_000)] == [0, 0, 500, 500, 1000, 1000]


async def _heard(tags: list[Tag], *, repeats_extended_time: bool = True) -> bytes:
    """Return the bytes after the handshake that a server receives from a publisher of these tags."""
    heard: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes([3]) + bytes(2 * HANDSHAKE_SIZE) + ACCEPTED)
        await reader.readexactly(1 + 2 * HANDSHAKE_SIZE)
        heard.set_result(await reader.read(-1))
        writer.close()

    async with await asyncio.start_server(serve, HOST, 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with connected(port, repeats_extended_time=repeats_extended_time) as publisher:
            publisher.publish("c1?key=secret")
            assert await publisher.accepted()
            await publisher.send(tags)
        return await heard


async def test_a_server_receives_every_tag_with_its_timestamp() -> None:
    body = bytes(range(256)) * 40

    heard = await _heard([Tag(VIDEO, 0, 0x0123_4567, body)])

    messages: list[RtmpMessage] = ChunkReader().feed(heard)
    assert (messages[-1].type_id, messages[-1].timestamp, messages[-1].payload) == (VIDEO, 0x0123_4567, body)


async def test_extended_timestamps_can_be_omitted_from_continuation_chunks() -> None:
    tags = [Tag(VIDEO, 0, 0x0123_4567, bytes(10_000))]

    with_times = await _heard(tags)
    without = await _heard(tags, repeats_extended_time=False)

    assert (with_times.count(b"\x01\x23\x45\x67"), without.count(b"\x01\x23\x45\x67")) == (3, 1)
