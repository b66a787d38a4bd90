"""Answers of the packager over a real connection."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from streaming_app.backend.adapters.nginx_addresses import listen_addresses
from streaming_app.backend.media.stream_health import NO_KEYFRAME
from streaming_app.backend.media.tracks import VideoFrame
from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.packager.server import serving
from tests.rig.conditions import until, until_async
from tests.rig.media_frames import both
from tests.rig.ports import HOST
from tests.rig.rtmp_bytes import ignore
from tests.rig.scripted_publisher import Clock, Publisher


@pytest.fixture
async def live(packager: Packager, publisher: Publisher) -> str:
    """The URL path of a channel with three and a half seconds of video."""
    packager.on_publish("c1", ignore)
    publisher.send(both(3.5))
    channel = packager.channel("c1")
    assert channel is not None
    await until(lambda: channel.window.newest[1] == 2 and len(channel.window.segments) == 3, "it was cut")
    return "/ll/c1"


def _newest(packager: Packager) -> tuple[int, int]:
    """Return the number of the open segment, and how many parts it has. A request for the next part uses both."""
    channel = packager.channel("c1")
    assert channel is not None
    return channel.window.newest


async def test_a_player_reaches_the_parts_from_the_multivariant_playlist(client: httpx.AsyncClient, live: str) -> None:
    multivariant = await client.get(f"{live}/index.m3u8")
    media = await client.get(f"{live}/source/index.m3u8")

    assert multivariant.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert "source/index.m3u8" in multivariant.text
    assert 'CODECS="avc1.' in multivariant.text
    assert media.text.count("#EXTINF") == 3


async def test_a_blocking_request_waits_for_its_part(
    client: httpx.AsyncClient, live: str, packager: Packager, publisher: Publisher
) -> None:
    number, parts = _newest(packager)
    asking = asyncio.create_task(client.get(f"{live}/source/index.m3u8?_HLS_msn={number}&_HLS_part={parts}"))
    await client.get(f"{live}/index.m3u8")
    assert not asking.done()

    publisher.send(both(1, start_ms=3500)[2:])

    assert f'URI="{number}.{parts}.m4s"' in (await asking).text


async def test_a_request_can_stand_for_many_viewers(
    client: httpx.AsyncClient, live: str, packager: Packager, publisher: Publisher
) -> None:
    number, parts = _newest(packager)
    address = f"/for/40{live}/source/index.m3u8?_HLS_msn={number}&_HLS_part={parts}"
    asking = asyncio.create_task(client.get(address))
    multivariant = await client.get(f"/for/40{live}/index.m3u8")

    publisher.send(both(1, start_ms=3500)[2:])

    assert multivariant.status_code == 200
    assert f'URI="{number}.{parts}.m4s"' in (await asking).text
    health = packager.health("c1")
    assert health is not None
    assert health.renditions[0].viewers == 40


async def test_a_blocking_request_that_times_out_returns_503(
    client: httpx.AsyncClient, live: str, packager: Packager
) -> None:
    number, parts = _newest(packager)

    answer = await client.get(f"{live}/source/index.m3u8?_HLS_msn={number}&_HLS_part={parts}")

    assert answer.status_code == 503
    assert answer.headers["cache-control"] == "no-store"


async def test_players_are_sent_to_plain_hls_after_three_target_durations_without_a_part(
    client: httpx.AsyncClient, live: str, publisher: Publisher, clock: Clock
) -> None:
    clock.seconds += 5.9
    assert (await client.get(f"{live}/index.m3u8")).status_code == 200
    clock.seconds += 0.2

    assert (await client.get(f"{live}/index.m3u8")).status_code == 404
    assert (await client.get(f"{live}/source/index.m3u8")).status_code == 404
    publisher.send(both(1, start_ms=3500)[2:])

    async def is_offered() -> bool:
        return (await client.get(f"{live}/index.m3u8")).status_code == 200

    await until_async(is_offered, "it was offered again")


async def test_low_latency_is_not_offered_while_the_first_segment_does_not_end(
    client: httpx.AsyncClient, packager: Packager, publisher: Publisher
) -> None:
    packager.on_publish("c1", ignore)
    publisher.send(both(7, gop_seconds=60))
    channel = packager.channel("c1")
    assert channel is not None
    await until(lambda: channel.window.newest[1] > 30, "it was cut")

    assert (await client.get("/ll/c1/index.m3u8")).status_code == 404
    assert (await client.get("/ll/c1/source/index.m3u8")).status_code == 404


async def test_players_are_sent_to_plain_hls_while_keyframes_are_too_far_apart(
    client: httpx.AsyncClient, live: str, packager: Packager, publisher: Publisher
) -> None:
    channel = packager.channel("c1")
    assert channel is not None
    number, part = channel.window.newest
    waiting = asyncio.create_task(client.get(f"{live}/source/index.m3u8?_HLS_msn={number + 1}&_HLS_part={part}"))
    frames = [
        replace(frame, is_key=False) if isinstance(frame, VideoFrame) else frame for frame in both(40, start_ms=3500)
    ]

    publisher.send(frames[2:])

    assert (await waiting).status_code == 404
    await until(lambda: channel.is_stalled, "it was given up")
    assert channel.health().packaging_issue == NO_KEYFRAME
    assert channel.window.open_segment is None
    for path in ("index.m3u8", "source/index.m3u8", "source/index.m3u8?_HLS_msn=1"):
        answer = await client.get(f"{live}/{path}")
        assert (answer.status_code, "no keyframe" in answer.text) == (404, True)
    number, _ = channel.window.newest
    publisher.send(both(0.9, start_ms=43_500)[2:])
    await until(lambda: channel.window.newest > (number, 3), "it was cut again")
    assert (await client.get(f"{live}/index.m3u8")).status_code == 404
    publisher.send(both(1, start_ms=44_500)[2:])
    await until(lambda: channel.window.newest > (number + 1, 0), "a segment was complete")
    assert (await client.get(f"{live}/index.m3u8")).status_code == 200
    assert channel.health().packaging_issue == ""


async def test_an_ended_stream_is_served_long_after_its_last_part(
    client: httpx.AsyncClient, live: str, packager: Packager, publisher: Publisher, clock: Clock
) -> None:
    publisher.leave()
    clock.seconds += 21
    packager.reconcile(set())

    assert (await client.get(f"{live}/index.m3u8")).status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("_HLS_msn=abc", "_HLS_msn must be a whole number"),
        ("_HLS_msn=-1", "_HLS_msn must be a whole number"),
        ("_HLS_msn=1e9", "_HLS_msn must be a whole number"),
        ("_HLS_msn=%31", "_HLS_msn must be a whole number"),
        ("_HLS_msn=99999999999999999999", "_HLS_msn must be a whole number"),
        ("_HLS_msn=", "_HLS_msn must be a whole number"),
        ("_HLS_part=1", "_HLS_part needs _HLS_msn"),
        ("_HLS_msn=1&_HLS_part=x", "_HLS_part must be a whole number"),
        ("_HLS_msn=999999999999", "too far ahead"),
    ],
)
async def test_an_invalid_directive_returns_its_error(
    client: httpx.AsyncClient, live: str, query: str, words: str
) -> None:
    answer = await client.get(f"{live}/source/index.m3u8?{query}")

    assert answer.status_code == 400
    assert words in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ll",
        "/ll/c1",
        "/ll/c2/index.m3u8",
        "/ll/c1/other/index.m3u8",
        "/ll/c1/source/../../../etc/passwd",
        "/ll/c1/source/1.2.m4s",
        "/ll/c1/source/",
        "/rtmp/on_publish",
        "/window/c2",
        "/window/c1/x",
        "/ll/c1/source/index.m3u8/x",
        "/for/some/ll/c1/index.m3u8",
        "/for/2",
    ],
)
async def test_an_unknown_path_returns_a_short_404(client: httpx.AsyncClient, live: str, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "public, max-age=1"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, live: str, method: str) -> None:
    answer = await client.request(method, f"{live}/index.m3u8")

    assert answer.status_code == 405


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\x03",
        b"HELLO\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"POST /rtmp/on_publish HTTP/1.1\r\nContent-Length: 99999\r\n\r\n" + b"x" * 99_999,
        b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ],
)
async def test_an_invalid_request_is_refused_and_later_requests_are_answered(
    client: httpx.AsyncClient, live: str, port: int, sent: bytes
) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(sent)

    assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    writer.close()
    await writer.wait_closed()
    assert (await client.get(f"{live}/index.m3u8")).status_code == 200


async def test_a_client_that_leaves_while_waiting_is_dropped(
    client: httpx.AsyncClient, live: str, packager: Packager, publisher: Publisher, port: int
) -> None:
    channel = packager.channel("c1")
    assert channel is not None
    number, parts = channel.window.newest
    _, writer = await asyncio.open_connection(HOST, port)
    writer.write(f"GET {live}/source/index.m3u8?_HLS_msn={number}&_HLS_part={parts} HTTP/1.1\r\n\r\n".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    publisher.send(both(1, start_ms=3500)[2:])

    await until(lambda: channel.window.newest != (number, parts), "it was cut on")
    assert (await client.get(f"{live}/index.m3u8")).status_code == 200


async def test_a_second_request_before_the_answer_is_refused(live: str, client: httpx.AsyncClient, port: int) -> None:
    reader, writer = await asyncio.open_connection(HOST, port)
    request = b"GET /ll/c1/source/index.m3u8?_HLS_msn=%d HTTP/1.1\r\n\r\n" % (3_600_000_003)
    writer.write(request * 2)

    assert b"400" in await reader.readline()
    writer.close()
    await writer.wait_closed()


async def test_nginx_announces_a_publisher_by_callback(
    client: httpx.AsyncClient, packager: Packager, publisher: Publisher
) -> None:
    answer = await client.post("/rtmp/on_publish", content="app=x&name=c9&addr=127.0.0.1&name=c8")

    assert answer.status_code == 204
    assert packager.channel("c9") is not None
    assert packager.channel("c8") is None


async def test_players_report_their_delay_to_the_stream(client: httpx.AsyncClient, live: str) -> None:
    report = {"player": "player1", "delivery": "low", "delay_ms": 640, "stalls": 0, "later_field": 1}

    answers = [await client.post("/hls/c1/playback", json=report) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    low = {"delivery": "low", "viewers": 1, "delay_ms": 640, "stalled": 0}
    assert (await client.get("/health/c1")).json()["playback"] == {"delay_ms": 640, "deliveries": [low]}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"player": "player1"}', b"[" * 5_000])
async def test_an_invalid_report_changes_nothing(client: httpx.AsyncClient, live: str, body: bytes) -> None:
    answer = await client.post("/hls/c1/playback", content=body)

    assert answer.status_code == 400
    assert (await client.get("/health/c1")).json()["playback"] is None


async def test_a_report_about_a_channel_that_is_not_live_is_refused(client: httpx.AsyncClient) -> None:
    report = {"player": "player1", "delivery": "low", "delay_ms": 640, "stalls": 0}

    assert (await client.post("/hls/c1/playback", json=report)).status_code == 404


async def test_a_stream_with_a_pasted_key_is_redirected_to_its_channel_id(
    client: httpx.AsyncClient, packager: Packager, publisher: Publisher
) -> None:
    answer = await client.post("/rtmp/on_publish", content="app=live&name=%2Fc9%253Fkey%253Ds3cret")

    assert (answer.status_code, answer.headers["location"]) == (302, "c9")
    assert packager.channel("c9") is not None


async def test_the_publish_callback_is_answered_when_the_channel_is_played(
    client: httpx.AsyncClient, packager: Packager, publisher: Publisher
) -> None:
    publisher.admits.clear()
    asking = asyncio.create_task(client.post("/rtmp/on_publish", content="name=c1"))
    await until(lambda: publisher.played == ["c1"], "it tried to play")
    packager.reconcile(set())  # nginx does not list the publisher yet
    await client.get("/health/c1")
    assert not asking.done()

    publisher.admits.set()

    assert (await asking).status_code == 204
    again = await client.post("/rtmp/on_publish", content="name=c1")
    assert (again.status_code, publisher.played) == (204, ["c1"])


@pytest.mark.parametrize("body", [b"", b"name=", b"name=../../etc", b"name=" + b"x" * 65, b"\xff\xfe", b"&" * 100])
async def test_an_invalid_publish_callback_changes_nothing(
    client: httpx.AsyncClient, packager: Packager, publisher: Publisher, body: bytes
) -> None:
    answer = await client.post("/rtmp/on_publish", content=body)

    assert answer.status_code == 204
    assert publisher.played == []


async def test_the_packager_listens_on_all_addresses_of_ipv4_and_ipv6(packager: Packager, port: int) -> None:
    async with serving(packager, port, host="::"):
        for host in ("127.0.0.1", "::1")[: len(listen_addresses("::"))]:
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
