"""The Content-Security-Policy in the responses of the web process."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from streaming_app import routes
from streaming_app.backend.api.document_policy import document_policy
from streaming_app.backend.api.html_middleware import path_pattern

PAGE = "<html><head><script>first();</script></head><body>the page</body></html>"


async def page(request: Request) -> Response:
    """Serve a page, not modified and compressed if the client asks for that."""
    if "if-none-match" in request.headers:
        return Response(status_code=304)
    if "accept-encoding" in request.headers:
        return Response(b"\x1f\x8b", headers={"content-encoding": "gzip", "content-type": "text/html"})
    return HTMLResponse(PAGE, headers={"etag": '"1"'})


async def file(_: Request) -> Response:
    """Serve a file."""
    return PlainTextResponse("a file")


@pytest.fixture
async def visitor() -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=[Route("/app.js", file), Route("/text", file), Route("/{path:path}", page)])
    transport = httpx.ASGITransport(document_policy(path_pattern(routes.OVERLAY))(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://site.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/login", "/login/", "/login.html", "/c/ana", "/no/such/page"])
async def test_a_document_has_a_policy_with_the_hashes_of_its_scripts(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path, headers={"if-none-match": '"1"'})

    assert (answer.status_code, answer.text) == (200, PAGE)
    assert "script-src 'self' 'sha256-" in answer.headers["content-security-policy"]
    assert "unsafe-eval" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "ancestors"), [("/c/ana/overlay", "*"), ("/c/ana", "'none'"), ("/c/ana/overlay/x", "'none'")]
)
async def test_only_the_overlay_may_be_shown_in_a_frame(visitor: httpx.AsyncClient, path: str, ancestors: str) -> None:
    answer = await visitor.get(path)

    assert f"frame-ancestors {ancestors};" in answer.headers["content-security-policy"]


async def test_a_head_request_has_the_policy_and_no_body(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.head("/login")

    assert answer.content == b""
    assert "script-src" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/app.js", "/text"])
async def test_other_files_are_passed_on_without_a_policy(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)

    assert answer.text == "a file"
    assert "content-security-policy" not in answer.headers
