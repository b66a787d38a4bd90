"""The front door behind another web server that ends HTTPS, with the configurations that the documentation offers."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from streaming_app.backend.config import Settings
from tests.rig.certificates import accepts_all
from tests.rig.crowd import websockets_held
from tests.rig.echo import echo_app
from tests.rig.https_proxies import HttpsProxy, running_caddy, running_nginx_proxy
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST
from tests.rig.serving import serving

VIEWER, OTHER_VIEWER = "127.0.0.7", "127.0.0.8"
"""Source addresses of connections to the proxy, which itself connects to the site from 127.0.0.1."""
PAGES_PER_ADDRESS = 3


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = nginx_settings(
        tmp_path_factory.mktemp("site"), trusted_proxies=HOST, connections_per_address=PAGES_PER_ADDRESS
    )
    with running_front(settings):
        yield settings


@pytest.fixture(scope="module", params=[running_caddy, running_nginx_proxy])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[int]:
    """HTTPS port of each proxy."""
    proxy: HttpsProxy = request.param
    with proxy(tmp_path_factory.mktemp("proxy"), settings.http_port) as port:
        yield port


async def test_the_web_process_gets_address_scheme_and_host_of_the_viewer(settings: Settings, port: int) -> None:
    forged = {
        "x-forwarded-for": "198.51.100.7",
        "x-forwarded-proto": "http",
        "x-forwarded-host": "evil.example",
        "x-request-id": "chosen-by-the-client",
    }
    async with (
        serving(echo_app(), settings.web_port),
        _browser(port, VIEWER) as browser,
    ):
        answer = await browser.get("/deep", headers=forged)

    headers = answer.json()["headers"]
    assert headers["x-forwarded-for"] == headers["x-real-ip"] == VIEWER
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-request-id"] != "chosen-by-the-client"
    assert headers["host"] == headers["x-forwarded-host"] == f"localhost:{port}"
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


async def test_websockets_stay_open_and_are_limited_by_the_address_of_the_viewer(settings: Settings, port: int) -> None:
    async with websockets_held(settings.web_port):
        pages = [await _open_websocket(port, VIEWER) for _ in range(PAGES_PER_ADDRESS + 1)]
        other = await _open_websocket(port, OTHER_VIEWER)

        assert [page.status for page in pages] == [101] * PAGES_PER_ADDRESS + [503]
        assert other.status == 101
        for message in (b"hello", b"again"):
            assert await other.echo(message) == message
        for page in (*pages, other):
            page.close()


async def test_browsers_negotiate_http2(port: int) -> None:
    trust = accepts_all()
    trust.set_alpn_protocols(["h2", "http/1.1"])
    _, writer = await asyncio.open_connection(HOST, port, ssl=trust, server_hostname="localhost")

    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    assert connection.selected_alpn_protocol() == "h2"
    writer.transport.abort()


class _Websocket:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, status: int) -> None:
        self._reader = reader
        self._writer = writer
        self.status = status

    async def echo(self, message: bytes) -> bytes:
        """Send bytes, and return as many."""
        self._writer.write(message)
        return await self._reader.readexactly(len(message))

    def close(self) -> None:
        self._writer.transport.abort()


async def _open_websocket(port: int, address: str) -> _Websocket:
    """Open a page's websocket from a local address."""
    reader, writer = await asyncio.open_connection(
        HOST, port, ssl=accepts_all(), server_hostname="localhost", local_addr=(address, 0)
    )
    lines = ["GET /_event/ HTTP/1.1", f"Host: localhost:{port}", "Upgrade: websocket", "Connection: Upgrade", "", ""]
    writer.write("\r\n".join(lines).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    return _Websocket(reader, writer, int(head.split()[1]))


@asynccontextmanager
async def _browser(port: int, address: str) -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(verify=accepts_all(), local_address=address)
    async with httpx.AsyncClient(transport=transport, base_url=f"https://localhost:{port}", trust_env=False) as browser:
        yield browser
