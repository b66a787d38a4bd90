import asyncio
import sqlite3

import pytest
from picows import WSCloseCode, WSMsgType

from streaming_app.backend.errors import SetupError
from streaming_app.backend.feed.server import open_feed
from tests.feed.conftest import QUICK, NewSite, Site, new_user, sign_in
from tests.rig.feed_client import connect, connected, refusal

BAD_REQUESTS = {
    "another path": ("/", 404),
    "no slash behind feed": ("/feed", 404),
    "half an IPv6 address": ("//[/feed/", 404),
    "a path in the channel": ("/feed/a/b", 404),
    "an escaped path": ("/feed/%2e%2e%2fetc", 404),
    "a channel id that is too long": (f"/feed/{'a' * 65}", 404),
    "a channel id of other characters": ("/feed/a$b", 404),
    "a cursor that is no number": ("/feed/ch1?after=abc", 400),
    "a negative cursor": ("/feed/ch1?after=-1", 400),
    "a fraction": ("/feed/ch1?after=1.5", 400),
    "a cursor of foreign digits": ("/feed/ch1?after=%D9%A1", 400),
    "a cursor beyond 63 bits": (f"/feed/ch1?after={2**63}", 400),
    "two cursors": ("/feed/ch1?after=1&after=2", 400),
    "too many fields": (f"/feed/ch1?{'&'.join(f'f{n}=1' for n in range(30))}", 400),
}

FOREIGN_ORIGINS = [
    "https://evil.example",
    "http://127.0.0.1.evil.example",
    "http://evil.example:8080",
    "http://127.0.0.1:1",
    "https://127.0.0.1",
    "null",
    "file://",
    "127.0.0.1",
    "http://[::1",
    "ws://127.0.0.1",
]

BAD_FRAMES = {
    "text": (b"\x81\x85\0\0\0\0hello", WSCloseCode.UNSUPPORTED_DATA),
    "an empty text": (b"\x81\x80\0\0\0\0", WSCloseCode.UNSUPPORTED_DATA),
    "JSON": (b"\x81\x8c\0\0\0\0" + b'{"say":"hi"}', WSCloseCode.UNSUPPORTED_DATA),
    "binary": (b"\x82\x82\0\0\0\0hi", WSCloseCode.UNSUPPORTED_DATA),
    "the beginning of a fragmented text": (b"\x01\x82\0\0\0\0hi", WSCloseCode.UNSUPPORTED_DATA),
    "a continuation of nothing": (b"\x80\x82\0\0\0\0hi", WSCloseCode.UNSUPPORTED_DATA),
    "a compressed text": (b"\xc1\x82\0\0\0\0hi", WSCloseCode.UNSUPPORTED_DATA),
    "an oversized text": (b"\x81\xfe\x08\x00\0\0\0\0" + b"x" * 2048, WSCloseCode.MESSAGE_TOO_BIG),
    "a text said to have terabytes": (b"\x81\xff\0\0\x7f\xff\xff\xff\xff\xff\0\0\0\0", WSCloseCode.MESSAGE_TOO_BIG),
    "an unmasked text": (b"\x81\x05hello", WSCloseCode.PROTOCOL_ERROR),
    "an unknown opcode": (b"\x83\x80\0\0\0\0", WSCloseCode.PROTOCOL_ERROR),
    "a fragmented ping": (b"\x09\x80\0\0\0\0", WSCloseCode.PROTOCOL_ERROR),
    "an oversized ping": (b"\x89\xfe\x01\x00\0\0\0\0" + b"x" * 256, WSCloseCode.PROTOCOL_ERROR),
    "a close with half a code": (b"\x88\x81\0\0\0\0\x03", WSCloseCode.PROTOCOL_ERROR),
}

NO_UPGRADES = {
    "a plain GET": b"GET /feed/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "a POST": b"POST /feed/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0": b"GET /feed/ HTTP/1.0\r\nHost: x\r\n\r\n",
    "an upgrade to something else": b"GET /feed/ HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    "no key": b"GET /feed/ HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "no HTTP": b"hello\r\n\r\n",
    "a broken header": b"GET /feed/ HTTP/1.1\r\nbroken\r\n\r\n",
}


@pytest.mark.parametrize("bad", BAD_REQUESTS)
async def test_a_bad_request_is_refused_before_the_upgrade(site: Site, bad: str) -> None:
    target, status = BAD_REQUESTS[bad]

    refused = await refusal(site.port, target)

    assert refused.status == status
    assert refused.message


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
async def test_a_page_of_another_site_is_refused(site: Site, origin: str) -> None:
    refused = await refusal(site.port, "/feed/", {"Origin": origin})

    assert refused.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "tv.example:8080", "Origin": "http://TV.example:8080"},
        {"Host": "tv.example", "X-Forwarded-Proto": "https", "Origin": "https://tv.example"},
        {"Host": "internal", "Origin": "https://www.public.example"},
        {"Host": "[::1]:8080", "Origin": "http://[::1]:8080"},
    ],
)
async def test_pages_of_this_site_and_programs_are_accepted(new_site: NewSite, headers: dict[str, str]) -> None:
    site = await new_site(public_url="https://www.public.example/")

    async with connected(site.port, "/feed/", headers) as viewer:
        assert viewer.welcome["type"] == "welcome"


async def test_firefox_is_accepted(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(
        b"GET /feed/ HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )

    assert await reader.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
    writer.close()


async def test_an_unknown_channel_is_refused(site: Site) -> None:
    viewer = await connect(site.port, "/feed/nobody")

    assert viewer.frames == [{"type": "error", "message": "There is no such channel."}]
    assert await viewer.has_gone() == WSCloseCode.POLICY_VIOLATION


@pytest.mark.parametrize("bad", BAD_FRAMES)
async def test_a_viewer_who_sends_an_invalid_frame_is_disconnected_and_others_stay(
    site: Site, channel_id: str, bad: str
) -> None:
    frame, code = BAD_FRAMES[bad]
    async with connected(site.port, f"/feed/{channel_id}") as other:
        rude = await connect(site.port, f"/feed/{channel_id}")

        rude.transport.underlying_transport.write(frame)

        assert await rude.has_gone() == code
        if code == WSCloseCode.UNSUPPORTED_DATA:
            assert "Send only" in rude.of_type("error")[0]["message"]
        await site.say(channel_id, "still here")
        await other.until(lambda: other.texts == ["still here"])


async def test_a_ping_is_answered(site: Site) -> None:
    async with connected(site.port, "/feed/") as viewer:
        assert len(await viewer.transport.measure_roundtrip_time(3)) == 3


async def test_frames_after_a_close_by_the_server_are_ignored(site: Site, channel_id: str) -> None:
    rude = await connect(site.port, f"/feed/{channel_id}")

    for _ in range(100):
        rude.transport.send(WSMsgType.TEXT, b"let me speak")

    assert await rude.has_gone() == WSCloseCode.UNSUPPORTED_DATA
    assert len(rude.of_type("error")) == 1


@pytest.mark.parametrize("bad", NO_UPGRADES)
async def test_an_invalid_websocket_handshake_returns_400(site: Site, bad: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(NO_UPGRADES[bad])

    answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 400 ")
    writer.close()


async def test_too_large_headers_are_refused(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"GET /feed/ HTTP/1.1\r\n" + b"A: b\r\n" * 4000)

    assert await _read_all(reader) == b""
    writer.close()


async def _read_all(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


@pytest.mark.parametrize("by_socket", [False, True])
async def test_one_address_cannot_use_all_connections(new_site: NewSite, *, by_socket: bool) -> None:
    site = await new_site(feed_max_connections_per_address=2)
    door = site.socket if by_socket else site.port
    greedy, other = {"X-Forwarded-For": "10.0.0.1, 203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}

    async with connected(door, "/feed/", greedy), connected(site.port, "/feed/", greedy):
        third = await connect(door, "/feed/", greedy)

        assert third.frames[0]["type"] == "error"
        assert await third.has_gone() == WSCloseCode.TRY_AGAIN_LATER
        async with connected(door, "/feed/", other) as viewer:
            assert viewer.welcome["type"] == "welcome"

    async with connected(door, "/feed/", greedy) as viewer:
        assert viewer.welcome["type"] == "welcome"


async def test_one_account_cannot_use_all_connections(new_site: NewSite) -> None:
    site = await new_site(feed_max_connections_per_account=2)
    channel_id = await site.new_channel()
    users = [await new_user(site.backend, name) for name in ("greedy", "other")]
    greedy, other = [{"Cookie": await sign_in(site.backend, user)} for user in users]

    async with (
        connected(site.port, f"/feed/{channel_id}", greedy),
        connected(site.port, f"/feed/{channel_id}", greedy),
    ):
        third = await connect(site.port, f"/feed/{channel_id}", greedy)

        assert third.frames == [{"type": "error", "message": "Too many connections from your account. Close some."}]
        assert await third.has_gone() == WSCloseCode.TRY_AGAIN_LATER
        async with connected(site.port, f"/feed/{channel_id}", other) as viewer:
            assert viewer.welcome["channel"]["viewers"] == 2

    async with connected(site.port, f"/feed/{channel_id}", greedy) as viewer:
        assert viewer.welcome["type"] == "welcome"


async def test_a_full_feed_refuses_connections_with_a_reason(new_site: NewSite) -> None:
    site = await new_site(feed_max_connections=2)

    async with connected(site.port, "/feed/"), connected(site.port, "/feed/"):
        refused = await refusal(site.port, "/feed/")

    assert (refused.status, refused.message) == (503, "The feed is full. Try again in a moment.")


async def test_a_port_in_use_is_reported_in_one_line(site: Site) -> None:
    with pytest.raises(SetupError, match=rf"^Port {site.port} is taken .* FEED_PORT .*\.$"):
        async with open_feed(site.backend, QUICK):
            pass


async def test_viewers_get_the_close_code_for_reconnecting_when_the_store_fails(
    site: Site, channel_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(site.backend.settings.data_dir / "streaming.sqlite3") as database:
        database.execute("DROP TABLE chat_messages")

    viewer = await connect(site.port, f"/feed/{channel_id}")

    assert [frame["type"] for frame in viewer.frames] == ["error"]
    assert await viewer.has_gone() == WSCloseCode.TRY_AGAIN_LATER
    assert [record for record in caplog.records if record.name.startswith("streaming_app.backend.feed")] == []
