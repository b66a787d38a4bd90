"""nginx's callbacks over HTTP: who may call them, the parameters, and the answers."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.model import User
from streaming_app.backend.adapters.ingest_secret import make_ingest_secret
from streaming_app.backend.api.app import create_api
from streaming_app.backend.bootstrap import Backend, open_backend
from streaming_app.backend.events import VIEWS_TOPIC
from streaming_app.backend.streams.model import Publisher, Stream
from tests.rig.conditions import until
from tests.rig.nginx import nginx_settings

PATHS = ("/rtmp/on_publish", "/rtmp/on_update", "/rtmp/on_publish_done")
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[Backend]:
    async with open_backend(nginx_settings(tmp_path)) as backend:
        yield backend


@pytest.fixture
def api(backend: Backend) -> FastAPI:
    api = create_api()
    api.state.backend = backend
    return api


@pytest.fixture
async def nginx(api: FastAPI, backend: Backend) -> AsyncIterator[httpx.AsyncClient]:
    """A client with nginx's secret, directly connected to the application."""
    async with _client(api) as client:
        client.headers["authorization"] = f"Bearer {make_ingest_secret(backend.settings)}"
        yield client


@pytest.fixture
async def stranger(api: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another program on this machine."""
    async with _client(api) as client:
        yield client


@pytest.fixture
async def stream_key(backend: Backend) -> str:
    user = User("u-ada", "Ada", "ada@example.com", "hash", datetime.now(UTC))
    await backend.store.users.add(user)
    await backend.channels.get_or_create(user)
    return await backend.channels.stream_key(user.user_id)


def _client(api: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(api)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=FORM_TYPE)


def _form(call: str, stream_key: str, /, **changes: str | None) -> str:
    """Return the body of a callback as nginx-rtmp writes it: the publisher's query is appended unchanged."""
    name, _, query = stream_key.partition("?")
    fields = {"app": "live", "flashver": "OBS", "swfurl": "", "tcurl": "rtmp://127.0.0.1/live", "pageurl": ""}
    fields |= {"addr": "192.0.2.7", "clientid": "7", "call": call, "name": name}
    kept = {field: value for field, value in (fields | changes).items() if value is not None}
    return f"{urlencode(kept)}&{query}"


async def _current(backend: Backend, stream_key: str) -> Stream | None:
    return await backend.streams.current(stream_key.partition("?")[0])


async def test_publish_update_and_end_callbacks_are_accepted(
    nginx: httpx.AsyncClient, backend: Backend, stream_key: str
) -> None:
    let_in = await nginx.post(PATHS[0], content=_form("publish", stream_key))
    started = await _current(backend, stream_key)
    lives = await nginx.post(PATHS[1], content=_form("update_publish", stream_key))
    left = await nginx.post(PATHS[2], content=_form("publish_done", stream_key))
    dropped = await _current(backend, stream_key)

    assert (let_in.status_code, lives.status_code, left.status_code) == (204, 204, 204)
    assert let_in.headers["x-accel-redirect"] == "@packager"
    assert started is not None
    assert started.publisher == Publisher("7", "192.0.2.7", "OBS")
    assert dropped is not None
    assert dropped.dropped_at is not None


async def test_a_refused_publisher_gets_403_with_a_reason(nginx: httpx.AsyncClient, stream_key: str) -> None:
    answer = await nginx.post(PATHS[0], content=_form("publish", f"{stream_key}-not"))

    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text == "Invalid stream key. Copy it again from the studio."


async def test_a_refusal_is_shown_to_the_owner_of_the_channel(
    nginx: httpx.AsyncClient, backend: Backend, stream_key: str
) -> None:
    channel_id = stream_key.partition("?")[0]
    async with backend.bus.subscribe([VIEWS_TOPIC], backend.refused_publishers.handle):
        await nginx.post(PATHS[0], content=_form("publish", f"{stream_key}-not"))
        await until(lambda: bool(backend.refused_publishers.newest(channel_id)), "it was heard")

    [refusal] = backend.refused_publishers.newest(channel_id)
    assert (refusal.address, refusal.software) == ("192.0.2.7", "OBS")
    assert refusal.reason.startswith("Invalid stream key.")


async def test_a_refusal_is_logged_without_the_key_that_was_sent(
    nginx: httpx.AsyncClient, stream_key: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = stream_key.partition("=")[2]

    await nginx.post(PATHS[0], content=_form("publish", f"{secret}?key={secret}"))

    assert "Publisher 7 from 192.0.2.7 refused" in caplog.text
    assert secret not in caplog.text


async def test_an_invalid_callback_is_logged_without_its_content(
    nginx: httpx.AsyncClient, stream_key: str, caplog: pytest.LogCaptureFixture
) -> None:
    secret = stream_key.partition("=")[2]

    await nginx.post(PATHS[1], content=_form("update_publish", stream_key, clientid=secret))

    assert "Invalid callback for update_publish, so its publisher is disconnected: clientid" in caplog.text
    assert secret not in caplog.text


async def test_the_end_of_a_refused_publisher_changes_nothing(
    nginx: httpx.AsyncClient, backend: Backend, stream_key: str
) -> None:
    await nginx.post(PATHS[0], content=_form("publish", stream_key))
    stream = await _current(backend, stream_key)

    left = await nginx.post(PATHS[2], content=_form("publish_done", stream_key, clientid="8"))

    assert left.status_code == 204
    assert await _current(backend, stream_key) == stream


async def test_a_repeated_end_of_a_publisher_changes_nothing(
    nginx: httpx.AsyncClient, backend: Backend, stream_key: str
) -> None:
    await nginx.post(PATHS[0], content=_form("publish", stream_key))
    await nginx.post(PATHS[2], content=_form("publish_done", stream_key))
    stream = await _current(backend, stream_key)

    again = await nginx.post(PATHS[2], content=_form("publish_done", stream_key))

    assert again.status_code == 204
    assert await _current(backend, stream_key) == stream


async def test_an_update_without_a_stream_disconnects_the_publisher(nginx: httpx.AsyncClient, stream_key: str) -> None:
    answer = await nginx.post(PATHS[1], content=_form("update_publish", stream_key))

    assert answer.status_code == 403


async def test_an_update_of_a_player_is_accepted(nginx: httpx.AsyncClient, stream_key: str) -> None:
    relay = _form("update_play", stream_key, app="", addr="127.0.0.1:1935/live")

    assert (await nginx.post(PATHS[1], content=relay)).status_code == 204


async def test_the_first_value_of_a_repeated_field_is_used(
    nginx: httpx.AsyncClient, backend: Backend, stream_key: str
) -> None:
    more = "&name=victim&clientid=99&addr=192.0.2.99&key=other&call=publish_done&app=other"

    answer = await nginx.post(PATHS[0], content=_form("publish", stream_key + more))

    assert answer.status_code == 204
    stream = await _current(backend, stream_key)
    assert stream is not None
    assert stream.publisher == Publisher("7", "192.0.2.7", "OBS")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"call": None}, "call: Field required"),
        ({"call": "play"}, "call: Input should be"),
        ({"call": "update_publish"}, "call: Input should be 'publish' here"),
        ({"app": None}, "app: Field required"),
        ({"app": "other"}, "app: Input should be 'live'"),
        ({"name": None}, "name: Field required"),
        ({"name": ""}, "name: String should match"),
        ({"name": "../../etc"}, "name: String should match"),
        ({"name": "x" * 65}, "name: String should match"),
        ({"name": "a\nb"}, "name: String should match"),
        ({"clientid": None}, "clientid: Field required"),
        ({"clientid": "-1"}, "clientid: String should match"),
        ({"clientid": "seven"}, "clientid: String should match"),
        ({"clientid": "9" * 21}, "clientid: String should match"),
        ({"addr": None}, "addr: Field required"),
        ({"addr": ""}, "addr: String should have at least 1"),
        ({"addr": "x" * 129}, "addr: String should have at most 128"),
    ],
)
async def test_an_invalid_callback_returns_400_with_its_error(
    nginx: httpx.AsyncClient, backend: Backend, stream_key: str, changes: dict[str, str | None], reason: str
) -> None:
    answer = await nginx.post(PATHS[0], content=_form("publish", stream_key, **changes))

    assert answer.status_code == 400
    assert reason in answer.text
    assert stream_key.partition("=")[2] not in answer.text
    assert await _current(backend, stream_key) is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe\x00", 400),
        (b'{"call": "publish"}', 400),
        (b"&" * 100, 400),
        (b"a=1&" * 65, 400),
        (b"x" * (16 * 1024 + 1), 413),
    ],
)
@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_is_not_a_form_is_refused(
    nginx: httpx.AsyncClient, path: str, body: bytes, status: int
) -> None:
    assert (await nginx.post(path, content=body)).status_code == status


@pytest.mark.parametrize("path", PATHS)
async def test_callbacks_must_use_post(nginx: httpx.AsyncClient, path: str) -> None:
    assert (await nginx.get(path)).status_code == 405


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Basic {secret}", "{secret}", "Bearer é"])
async def test_only_nginx_may_send_callbacks(
    stranger: httpx.AsyncClient, backend: Backend, stream_key: str, authorization: str
) -> None:
    secret = make_ingest_secret(backend.settings)
    shown = httpx.Headers({"authorization": authorization.format(secret=secret)}, "latin-1")
    for path in PATHS:
        answer = await stranger.post(path, content=_form("publish", stream_key), headers=shown)

        assert answer.status_code == 403
    assert await _current(backend, stream_key) is None


async def test_callbacks_are_refused_before_nginx_is_configured(stranger: httpx.AsyncClient, stream_key: str) -> None:
    shown = {"authorization": "Bearer "}
    answer = await stranger.post(PATHS[0], content=_form("publish", stream_key), headers=shown)

    assert answer.status_code == 403


@pytest.mark.parametrize("path", PATHS)
async def test_callbacks_return_503_while_the_process_starts(path: str) -> None:
    async with _client(create_api()) as nginx:
        assert (await nginx.post(path, content=b"call=publish")).status_code == 503
