"""The Unix socket next to the feed's port, for nginx: it exists as long as the feed, and only for a single process."""

import socket
from pathlib import Path

import psutil
import pytest

from streaming_app.backend.adapters.live_dir import feed_socket_of
from streaming_app.backend.adapters.nginx_addresses import listen_addresses
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.websockets import SOCKET_BUFFER_BYTES, LocalSocket
from tests.feed.conftest import Site, open_site
from tests.rig.feed_client import connected
from tests.rig.nginx import nginx_settings, running_front


async def test_a_viewer_connected_by_unix_socket_receives_messages(site: Site, channel_id: str) -> None:
    async with (
        connected(site.socket, f"/feed/{channel_id}") as one,
        connected(site.port, f"/feed/{channel_id}") as other,
    ):
        await site.say(channel_id, "hello")
        await one.until(lambda: one.texts)
        await other.until(lambda: other.texts)

        assert one.messages == other.messages
        await one.until(lambda: one.viewers == 2)


async def test_nginx_uses_the_unix_socket(backend: Backend, tmp_path: Path) -> None:
    settings = nginx_settings(tmp_path)
    with running_front(settings):
        async with open_site(backend, **settings.model_dump()) as site:
            channel_id = await site.new_channel()
            async with connected(settings.http_port, f"/feed/{channel_id}") as viewer:
                await site.say(channel_id, "hello")
                await viewer.until(lambda: viewer.texts)

                assert _connections_at(settings.feed_port) == 0
                async with connected(settings.feed_port, f"/feed/{channel_id}"):
                    assert _connections_at(settings.feed_port) == 1


async def test_the_feed_listens_on_all_addresses_of_ipv4_and_ipv6(backend: Backend) -> None:
    async with open_site(backend, internal_bind_host="::") as site:
        for host in ("127.0.0.1", "::1")[: len(listen_addresses("::"))]:
            socket.create_connection((host, site.port), 10).close()


async def test_the_socket_is_removed_with_the_feed(backend: Backend) -> None:
    async with open_site(backend) as site:
        path = site.socket
        assert path.is_socket()

    assert not path.exists()
    assert not path.parent.exists()


async def test_a_leftover_socket_is_replaced(backend: Backend) -> None:
    async with open_site(backend) as site:
        path, port = site.socket, site.port
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(path))

    async with open_site(backend, feed_port=port), connected(path, "/feed/") as viewer:
        assert viewer.welcome["type"] == "welcome"


async def test_a_socket_that_cannot_be_created_is_named_in_the_error(backend: Backend, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SetupError, match=r"cannot create its socket .*/file/feed-[0-9]+.sock: .* Set LIVE_DIR"):
        async with open_site(backend, live_dir=tmp_path / "file"):
            pass


def test_no_socket_is_used_if_its_path_would_be_too_long(tmp_path: Path) -> None:
    alone = Settings.model_validate({"data_dir": tmp_path, "live_dir": "/run/site"})

    assert feed_socket_of(alone) == Path("/run/site/feed-8001.sock")
    assert feed_socket_of(alone.model_copy(update={"live_dir": Path("/run") / ("x" * 100)})) is None


def test_unix_socket_connections_have_the_same_small_kernel_buffers(tmp_path: Path) -> None:
    with LocalSocket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as viewer:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        viewer.connect(str(tmp_path / "s"))

        connection, _ = listener.accept()

        with connection:
            buffer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            assert buffer == 2 * SOCKET_BUFFER_BYTES  # Linux doubles the value for its own overhead
            assert isinstance(connection, LocalSocket)


def _connections_at(port: int) -> int:
    """Return the number of open connections at this end."""
    mine = psutil.Process().net_connections("tcp4")
    return sum(c.laddr.port == port and c.status == psutil.CONN_ESTABLISHED for c in mine if c.laddr)
