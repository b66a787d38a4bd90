"""Requests that are refused before they reach a route, with their errors."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.app import create_api
from streaming_app.backend.api.request_checks import BODY_MAX_BYTES
from streaming_app.backend.bootstrap import Backend
from tests.api.conftest import ORIGIN, Browser, error_of

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("body", "headers", "expected", "fields"),
    [
        (b"", JSON, (422, "invalid"), {"body"}),
        (b"not json", JSON, (422, "invalid"), {"body"}),
        (b'{"ticket": ', JSON, (422, "invalid"), {"body"}),
        (b"\xff\xfe", JSON, (422, "invalid"), {"body"}),
        (b"[]", JSON, (422, "invalid"), {"body"}),
        (b"null", JSON, (422, "invalid"), {"body"}),
        (b"{}", JSON, (422, "invalid"), {"ticket"}),
        (b'{"ticket": ""}', JSON, (422, "invalid"), {"ticket"}),
        (b'{"ticket": null}', JSON, (422, "invalid"), {"ticket"}),
        (b'{"ticket": 7}', JSON, (422, "invalid"), {"ticket"}),
        (b'{"ticket": ["a"]}', JSON, (422, "invalid"), {"ticket"}),
        (b'{"ticket": "' + b"a" * 201 + b'"}', JSON, (422, "invalid"), {"ticket"}),
        (b'{"ticket": "unknown"}', JSON, (401, "not_signed_in"), set[str]()),
        (b'{"ticket": "\\ud800"}', JSON, (422, "invalid"), {"ticket"}),
        (b'{"ticket": "a"}', {"content-type": "text/plain"}, (415, "not_json"), set[str]()),
        (b"ticket=a", {"content-type": "application/x-www-form-urlencoded"}, (415, "not_json"), set[str]()),
        (b"ticket", {"content-type": "multipart/form-data; boundary=x"}, (415, "not_json"), set[str]()),
        (b'{"ticket": "a"}', {}, (415, "not_json"), set[str]()),
        (b'"' + b"a" * BODY_MAX_BYTES + b'"', JSON, (413, "too_large"), set[str]()),
    ],
)
async def test_an_invalid_sign_in_request_is_refused_with_its_errors(
    browser: Browser, body: bytes, headers: dict[str, str], expected: tuple[int, str], fields: set[str]
) -> None:
    answer = await browser.client.post("/api/auth/session", content=body, headers=headers)

    error = error_of(answer)
    assert (answer.status_code, error["code"]) == expected
    assert isinstance(error["fields"], dict)
    assert set(error["fields"]) == fields
    assert error["message"]
    assert "set-cookie" not in answer.headers


async def test_a_large_body_without_a_length_is_refused(browser: Browser) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    answer = await browser.client.post("/api/auth/session", content=endless(), headers=JSON)

    assert answer.status_code == 413


@pytest.mark.parametrize("length", ["-1", "ten", "99999999999999999999"])
async def test_an_invalid_content_length_is_refused(browser: Browser, length: str) -> None:
    answer = await browser.client.post("/api/auth/session", content=b"{}", headers=JSON | {"content-length": length})

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.test",
        "http://site.test.evil.test",
        "http://evil-site.test",
        "http://evil.test#site.test",
        "http://site.test@evil.test",
        "null",
        "file://",
        "file://site.test",
        "site.test",
        "http://",
        "http://[",
        "",
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_page_of_another_site_cannot_sign_in_or_out(
    browser: Browser, backend: Backend, ana: User, method: str, origin: str
) -> None:
    await browser.sign_in(ana)
    ticket = await backend.accounts.sessions.issue_ticket(ana)

    answer = await browser.client.request(
        method, "/api/auth/session", json={"ticket": ticket}, headers={"origin": origin}
    )

    assert answer.status_code == 403
    assert error_of(answer)["code"] == "foreign_origin"
    assert (await browser.client.get("/api/users/me")).status_code == 200


async def test_a_request_without_an_origin_is_refused(api: FastAPI) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=ORIGIN) as program:
        answer = await program.post("/api/auth/session", json={"ticket": "a"})

    assert answer.status_code == 403


async def test_a_page_on_another_port_of_the_host_is_refused(browser: Browser, backend: Backend, ana: User) -> None:
    ticket = await backend.accounts.sessions.issue_ticket(ana)

    answer = await browser.client.post(
        "/api/auth/session", json={"ticket": ticket}, headers={"origin": f"{ORIGIN}:3000"}
    )

    assert answer.status_code == 403
    assert error_of(answer)["code"] == "foreign_origin"


@pytest.mark.parametrize("path", ["/api/", "/api/nothing", "/api/auth", "/api/users/me/more", "/api/../api/x"])
async def test_an_unknown_path_returns_404(browser: Browser, path: str) -> None:
    answer = await browser.client.get(path)

    assert answer.status_code == 404
    assert error_of(answer)["code"] == "not_found"


async def test_an_unsupported_method_returns_405_with_the_allowed_ones(browser: Browser) -> None:
    answer = await browser.client.put("/api/auth/session", json={})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, POST"
    assert error_of(answer)["code"] == "method_not_allowed"


async def test_an_internal_error_is_answered_without_its_traceback(browser: Browser, api: FastAPI) -> None:
    async def broken() -> None:
        message = "the secret is hunter2"
        raise RuntimeError(message)

    api.router.routes.insert(0, APIRoute("/api/broken", broken))

    answer = await browser.client.get("/api/broken")

    assert answer.status_code == 500
    assert error_of(answer)["code"] == "failed"
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("path", ["/api/health", "/api/channels/live", "/api/users/me"])
async def test_the_api_returns_503_with_retry_after_until_the_backend_is_open(path: str) -> None:
    transport = httpx.ASGITransport(create_api())
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as program:
        answer = await program.get(path)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert error_of(answer)["code"] == "unavailable"
