"""Playing the stream of a real encoder from a real nginx-rtmp."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from itertools import pairwise

import pytest

from streaming_app.backend.media.codecs import codec_string
from streaming_app.backend.media.rtmp import player
from streaming_app.backend.media.rtmp.errors import IngestReadError
from streaming_app.backend.media.rtmp.player import play
from streaming_app.backend.media.tracks import AudioFrame, AudioTrack, Media, VideoFrame, VideoTrack
from tests.media.rtmp.conftest import AAC, AUDIO, VIDEO, WITH_B_FRAMES, X264, Origin
from tests.rig.ports import HOST, free_port
from tests.rig.rtmp_bytes import HANDSHAKE, ignore

RETRY_SECONDS = 0.05
DEADLINE_SECONDS = 60


async def playing(origin: Origin, application: str = "live", name: str = "c1") -> AsyncGenerator[Media]:
    """Wait for the publisher, then play its stream until it ends."""
    is_there = False
    while not is_there:
        async with aclosing(play(HOST, origin.port, application, name, ignore)) as medias:
            async for media in medias:
                is_there = True
                yield media
        if not is_there:
            await asyncio.sleep(RETRY_SECONDS)  # nginx refuses at once while there is no publisher


async def read_until(medias: AsyncGenerator[Media], is_enough: Callable[[list[Media]], bool]) -> list[Media]:
    read: list[Media] = []
    async with asyncio.timeout(DEADLINE_SECONDS):
        async for media in medias:
            read.append(media)
            if is_enough(read):
                break
    return read


def frames(count: int) -> Callable[[list[Media]], bool]:
    return lambda read: len([media for media in read if isinstance(media, VideoFrame | AudioFrame)]) >= count


@pytest.mark.parametrize("origin", [128, 8192], indirect=True)
async def test_tracks_come_before_video_and_audio(origin: Origin) -> None:
    origin.publish(*VIDEO, *AUDIO, *X264, *AAC)

    async with aclosing(playing(origin)) as medias:
        read = await read_until(medias, frames(150))

    [video] = [media for media in read if isinstance(media, VideoTrack)]
    [audio] = [media for media in read if isinstance(media, AudioTrack)]
    assert (video.codec, video.width, video.height) == ("avc1", 640, 360)
    assert codec_string(video).startswith("avc1.42")
    assert (audio.sample_rate, audio.channels, codec_string(audio)) == (48000, 1, "mp4a.40.2")
    video_frames = [media for media in read if isinstance(media, VideoFrame)]
    assert video_frames[0].is_key
    assert read.index(video) < read.index(video_frames[0])
    steps = {after.dts_ms - before.dts_ms for before, after in pairwise(video_frames)}
    assert steps <= {33, 34}
    assert {len(frame.data) - nal_units_length(frame.data) for frame in video_frames} == {0}
    audio_frames = [media for media in read if isinstance(media, AudioFrame)]
    assert {b.dts_ms - a.dts_ms for a, b in pairwise(audio_frames)} <= {21, 22}


def nal_units_length(sample: bytes) -> int:
    """Return the total length of the length-prefixed units."""
    at = 0
    while at < len(sample):
        at += 4 + int.from_bytes(sample[at : at + 4], "big")
    return at


async def test_b_frames_come_in_decoding_order_with_their_composition_time(origin: Origin) -> None:
    origin.publish(*VIDEO, *WITH_B_FRAMES)

    async with aclosing(playing(origin)) as medias:
        read = await read_until(medias, frames(60))

    video_frames = [media for media in read if isinstance(media, VideoFrame)]
    shown = [frame.dts_ms + frame.cts_ms for frame in video_frames]
    assert shown != sorted(shown)
    assert len(set(shown)) == len(shown)
    assert min(frame.cts_ms for frame in video_frames) >= 0


async def test_video_alone_is_played(origin: Origin) -> None:
    origin.publish(*VIDEO, *X264)

    async with aclosing(playing(origin)) as medias:
        read = await read_until(medias, frames(10))

    assert {type(media) for media in read} == {VideoTrack, VideoFrame}


async def test_audio_alone_is_played_where_nginx_does_not_wait_for_video(origin: Origin) -> None:
    origin.publish(*AUDIO, *AAC, application="patient")

    async with aclosing(playing(origin, "patient")) as medias:
        read = await read_until(medias, frames(10))

    assert {type(media) for media in read} == {AudioTrack, AudioFrame}


@pytest.mark.parametrize("application", ["live", "notifying", "patient"])
async def test_playing_ends_when_the_publisher_leaves(origin: Origin, application: str) -> None:
    encoder = origin.publish(*VIDEO, *X264, application=application)

    async with aclosing(playing(origin, application)) as medias:
        await read_until(medias, frames(1))
        await asyncio.to_thread(encoder.stop)
        await read_until(medias, lambda _read: False)


async def test_playing_ends_when_the_publisher_disappears(origin: Origin) -> None:
    encoder = origin.publish(*VIDEO, *AUDIO, *X264, *AAC)

    async with aclosing(playing(origin)) as medias:
        await read_until(medias, frames(1))
        encoder.kill()
        await read_until(medias, lambda _read: False)


async def test_a_returning_publisher_with_another_resolution_is_played_anew(origin: Origin) -> None:
    sizes: list[tuple[int, int]] = []
    for size in ("320x240", "400x226"):
        encoder = origin.publish("-re", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=30", *X264)
        async with aclosing(playing(origin)) as medias:
            read = await read_until(medias, frames(1))
        await asyncio.to_thread(encoder.stop)
        sizes += [(media.width, media.height) for media in read if isinstance(media, VideoTrack)]

    assert sizes == [(320, 240), (400, 226)]


async def test_playing_a_name_without_a_publisher_ends_at_once(origin: Origin) -> None:
    async with aclosing(play(HOST, origin.port, "live", "nobody", ignore)) as medias:
        assert await read_until(medias, lambda _read: False) == []


async def test_a_player_that_waits_for_the_publisher_gets_its_first_frame(origin: Origin) -> None:
    joined = asyncio.Event()

    async with aclosing(play(HOST, origin.port, "notifying", "c1", joined.set)) as medias:
        reading = asyncio.create_task(read_until(medias, frames(1)))
        await joined.wait()
        origin.publish(*VIDEO, *X264, application="notifying")
        read = await reading

    frame = read[-1]
    assert isinstance(frame, VideoFrame)
    assert (frame.is_key, frame.dts_ms) == (True, 0)


async def test_a_player_disconnects_when_no_publisher_comes_in_time(
    monkeypatch: pytest.MonkeyPatch, origin: Origin
) -> None:
    monkeypatch.setattr(player, "SILENCE_SECONDS", 0.2)

    async with aclosing(play(HOST, origin.port, "notifying", "nobody", ignore)) as medias:
        assert await read_until(medias, lambda _read: False) == []


async def test_a_killed_nginx_is_an_error(origin: Origin) -> None:
    origin.publish(*VIDEO, *X264)

    async with aclosing(playing(origin)) as medias:
        await read_until(medias, frames(1))
        origin.nginx.kill()
        with pytest.raises(IngestReadError, match=r"nginx closed the connection|The connection to nginx broke"):
            await read_until(medias, lambda _read: False)


async def test_an_unreachable_nginx_is_an_error() -> None:
    with pytest.raises(IngestReadError, match="did not accept the connection"):
        await read_until(play(HOST, free_port(), "live", "c1", ignore), lambda _read: False)


@pytest.mark.parametrize("beginning", [b"", HANDSHAKE])
async def test_a_silent_server_is_an_error(monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    monkeypatch.setattr(player, "SILENCE_SECONDS", 0.2)

    with socket.create_server((HOST, 0)) as server:
        server.settimeout(0)
        medias = play(HOST, server.getsockname()[1], "live", "c1", ignore)
        reading = asyncio.create_task(read_until(medias, lambda _read: False))
        connection, _ = await asyncio.get_running_loop().sock_accept(server)
        with connection:
            connection.sendall(beginning)
            with pytest.raises(IngestReadError, match="sent nothing"):
                await reading


async def test_an_unknown_application_is_an_error(origin: Origin) -> None:
    with pytest.raises(IngestReadError):
        await read_until(play(HOST, origin.port, "nothing", "c1", ignore), lambda _read: False)
