"""The public address of the site: pages, websockets, API, video and pictures, and no internal URLs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest

from streaming_app.backend.adapters.ingest_secret import ingest_credentials
from streaming_app.backend.api.problems import PROBLEM_JSON, Problem
from streaming_app.backend.config import Settings
from streaming_app.backend.feed.sockets import remove_socket
from tests.rig.echo import echo_app
from tests.rig.nginx import feed_socket, nginx_settings, running_front
from tests.rig.ports import HOST
from tests.rig.serving import serving

PLAYLIST = "#EXTM3U\n#EXT-X-VERSION:3\n" + "#EXTINF:1.000,\n1700000000000.ts\n" * 20


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """One nginx for all tests here, in a folder whose name needs quoting. Each test provides its own web process."""
    settings = nginx_settings(tmp_path_factory.mktemp("site") / "my site {1}; #2")
    with running_front(settings):
        yield settings
    remove_socket(settings)


@pytest.fixture
async def browser(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{settings.http_port}", trust_env=False) as client:
        yield client


@pytest.fixture
async def web(settings: Settings) -> AsyncIterator[None]:
    async with serving(echo_app(), settings.web_port):
        yield


@pytest.mark.parametrize("path", ["/", "/ada", "/ada/deeper?x=1", "/assets/app-1a2b.js"])
async def test_a_page_without_the_web_process_shows_a_notice_and_reloads_itself(
    browser: httpx.AsyncClient, path: str
) -> None:
    answer = await browser.get(path)

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["retry-after"] == "2"
    assert "The site is starting" in answer.text
    assert "//" not in answer.text, "the page needs nothing else that could be away too"


async def test_the_public_api_without_the_web_process_returns_problem_details(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/channels")

    problem = Problem.model_validate_json(answer.content)
    assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM_JSON)
    assert (problem.status, problem.code, problem.instance) == (503, "unavailable", "/api/v1/channels")
    assert answer.headers["retry-after"] == "2"


async def test_the_api_without_the_web_process_returns_json(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/api/auth/session", json={})

    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"


async def test_the_site_is_back_as_soon_as_the_web_process_is(settings: Settings, browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/page")).status_code == 503

    async with serving(echo_app(), settings.web_port):
        assert (await browser.get("/page")).status_code == 200

    assert (await browser.get("/page")).status_code == 503


@pytest.mark.usefixtures("web")
async def test_the_web_process_gets_the_client_address_and_the_host(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/ada", headers={"host": "live.example.com:8443", "x-forwarded-proto": "https"})

    headers = answer.json()["headers"]
    assert headers["host"] == "live.example.com:8443"
    assert headers["x-forwarded-host"] == "live.example.com:8443"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"


@pytest.mark.usefixtures("web")
async def test_errors_of_the_web_process_are_passed_on(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/busy")

    assert (answer.status_code, answer.json()) == (503, {"detail": "its own words"})


@pytest.mark.usefixtures("web")
async def test_pages_are_compressed_and_have_security_headers(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/page")

    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["server"] == "nginx"


GUARDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "cross-origin-opener-policy": "same-origin",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/page", 200),
        ("/assets/app-1a2b.js", 200),
        ("/api/busy", 503),
        ("/api/guarded", 200),
        ("/feed", 301),
        ("/feed/c1", 502),
        ("/_event/?token=x", 200),
        ("/rtmp/on_publish", 404),
        ("/hls/c1/1.ts", 404),
        ("/ll/c1/index.m3u8", 302),
        ("/ll/c1/source/index.m3u8", 502),
        ("/%", 400),
        (f"/{'x' * 70_000}", 414),
    ],
)
async def test_every_answer_carries_the_security_headers_once(
    settings: Settings, browser: httpx.AsyncClient, target: str, status: int
) -> None:
    remove_socket(settings)
    answer = await browser.get("/", extensions={"target": target.encode()})

    assert answer.status_code == status
    for name, value in GUARDS.items():
        assert answer.headers.get_list(name) == [value], name
    is_video = target.startswith(("/hls/", "/ll/"))
    assert answer.headers["cross-origin-resource-policy"] == ("cross-origin" if is_video else "same-site")


@pytest.mark.usefixtures("web")
async def test_the_policy_of_the_web_process_is_kept(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/page-with-policy/default-src 'none'")

    assert answer.headers.get_list("content-security-policy") == ["default-src 'none'"]


@pytest.mark.usefixtures("web")
async def test_other_sites_may_frame_a_page_only_if_its_policy_says_so(browser: httpx.AsyncClient) -> None:
    framable = await browser.get("/page-with-policy/frame-ancestors *")
    other = await browser.get("/page-with-policy/frame-ancestors 'none'")

    assert framable.headers.get_list("content-security-policy") == ["frame-ancestors *"]
    assert "x-frame-options" not in framable.headers
    assert other.headers["x-frame-options"] == "DENY"


@pytest.mark.usefixtures("web")
async def test_redirects_are_relative(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/feed", headers={"host": "evil.example"})

    assert (answer.status_code, answer.headers["location"]) == (301, "/feed/")


@pytest.mark.usefixtures("web")
async def test_built_files_are_cached_as_immutable(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/app-1a2b.js")

    assert answer.headers.get_list("cache-control") == ["public, max-age=31536000, immutable"]


@pytest.mark.usefixtures("web")
async def test_uploads_are_limited_to_the_size_of_pictures(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/upload", content=b"x" * 5_000_000)).text == "5000000"
    assert (await browser.post("/upload", content=b"x" * 11_000_000)).status_code == 413


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    "path", ["/rtmp/on_publish", "/rtmp/", "//rtmp/on_publish", "/%72tmp/on_publish", "/x/../rtmp/on_publish"]
)
async def test_the_front_door_does_not_serve_callbacks(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.post("/", content=b"call=publish", extensions={"target": path.encode()})

    assert answer.status_code == 404


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("path", ["/stat", "/control/drop/publisher?app=live&name=x", "/window/c1", "/health/c1"])
async def test_the_front_door_does_not_serve_internal_paths(
    settings: Settings, browser: httpx.AsyncClient, path: str
) -> None:
    answer = await browser.get(path, headers=ingest_credentials(settings))

    assert answer.json()["path"] == path.partition("?")[0]


async def test_a_playlist_is_not_cached(settings: Settings, browser: httpx.AsyncClient) -> None:
    _put(settings, "hls/c1/index.m3u8", PLAYLIST.encode())

    answer = await browser.get("/hls/c1/index.m3u8")

    assert answer.text == PLAYLIST
    assert answer.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert answer.headers["cache-control"] == "public, max-age=0, s-maxage=1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-encoding"] == "gzip"


async def test_a_segment_is_cached_as_immutable(settings: Settings, browser: httpx.AsyncClient) -> None:
    _put(settings, "hls/c1/1700000000000.ts", b"G" * 188_000)

    answer = await browser.get("/hls/c1/1700000000000.ts")

    assert answer.content == b"G" * 188_000
    assert answer.headers["content-type"] == "video/mp2t"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-encoding" not in answer.headers


async def test_a_thumbnail_is_cached_for_seconds(settings: Settings, browser: httpx.AsyncClient) -> None:
    _put(settings, "thumbnails/c1.jpg", b"\xff\xd8\xff")

    answer = await browser.get("/thumbnails/c1.jpg")

    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "public, max-age=5"


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("path", ["/hls/c2/index.m3u8", "/hls/c1/1.ts", "/thumbnails/c2.jpg"])
async def test_missing_video_returns_an_uncached_404_with_cors_headers(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)

    assert answer.status_code == 404
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    "path",
    [
        "/hls/../streaming.sqlite3",
        "/hls/%2e%2e/secret.key",
        "/thumbnails/..%2fsecret.key",
        "/nginx/front/nginx.conf",
        "/hls/c1/",
        "/hls/c1/index.m3u8.bak",
    ],
)
async def test_other_files_of_the_data_folder_are_not_served(
    settings: Settings, browser: httpx.AsyncClient, path: str
) -> None:
    for name in ("streaming.sqlite3", "secret.key", "hls/c1/index.m3u8.bak"):
        _put(settings, name, b"secret")

    answer = await browser.get("/", extensions={"target": path.encode()})

    assert b"secret" not in answer.content.replace(b"secret.key", b"")
    assert b"load_module" not in answer.content


def _feed_socket(settings: Settings) -> Path:
    path = feed_socket(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _feed_port(settings: Settings) -> int:
    remove_socket(settings)  # the socket of the previous test
    return settings.feed_port


@pytest.mark.parametrize(
    ("path", "behind"),
    [
        ("/_event/?EIO=4", lambda settings: settings.web_port),
        ("/feed/c1?after=1", _feed_socket),
        ("/feed/c1?after=1", _feed_port),
    ],
    ids=["web process", "feed's socket", "feed's port, where no socket is"],
)
async def test_websockets_are_proxied_in_both_directions(
    settings: Settings, path: str, behind: Callable[[Settings], int | Path]
) -> None:
    received: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.set_result((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        writer.write(await reader.readexactly(5))
        await writer.drain()
        writer.close()

    async with await _listening(answer, behind(settings)):
        reader, writer = await asyncio.open_connection(HOST, settings.http_port)
        lines = [f"GET {path} HTTP/1.1", "Host: live.example.com", "Upgrade: websocket", "Connection: Upgrade"]
        writer.write("\r\n".join([*lines, "Origin: http://live.example.com", "Cookie: s=1", "", ""]).encode())
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"hello")

        assert await reader.readexactly(5) == b"hello"
        writer.close()

    request = await received
    assert request.startswith(f"GET {path} HTTP/1.1\r\n")
    for line in ("Host: live.example.com", "Upgrade: websocket", "Origin: http://live.example.com", "Cookie: s=1"):
        assert f"{line}\r\n" in request


async def _listening(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], where: int | Path
) -> asyncio.Server:
    if isinstance(where, Path):
        return await asyncio.start_unix_server(answer, where)
    return await asyncio.start_server(answer, HOST, where)


def _put(settings: Settings, name: str, content: bytes) -> None:
    file = settings.data_dir / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
