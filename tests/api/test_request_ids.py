"""The id of a request: given by nginx, or made by the web process, and passed on with events."""

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.api.request_id_middleware import RequestIds
from streaming_app.backend.request_ids import HEADER, current_request_id

GIVEN = "0f" * 16


def echo() -> RequestIds:
    """An app that answers with the id of the request."""
    app = FastAPI()

    @app.get("/")
    async def root() -> dict[str, str]:
        return {"id": current_request_id()}

    return RequestIds(app)


def client(peer: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(echo(), client=(peer, 1)), base_url="http://site.test")


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_the_id_that_nginx_sets_is_used_and_returned(peer: str) -> None:
    async with client(peer) as web:
        answer = await web.get("/", headers={HEADER: GIVEN})

    assert answer.json() == {"id": GIVEN}
    assert answer.headers[HEADER] == GIVEN


@pytest.mark.parametrize(
    ("peer", "given"), [("192.0.2.1", GIVEN), ("127.0.0.1", ""), ("127.0.0.1", "a b"), ("127.0.0.1", "x" * 200)]
)
async def test_a_foreign_or_invalid_id_is_replaced(peer: str, given: str) -> None:
    async with client(peer) as web:
        first, second = [await web.get("/", headers={HEADER: given}) for _ in range(2)]

    assert first.json()["id"] == first.headers[HEADER]
    assert len({given, first.headers[HEADER], second.headers[HEADER]}) == 3


async def test_requests_do_not_share_an_id() -> None:
    async with client("127.0.0.1") as web:
        await web.get("/", headers={HEADER: GIVEN})

    assert current_request_id() == ""
