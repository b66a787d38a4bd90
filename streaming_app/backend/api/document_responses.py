"""ASGI apps that change the documents of another app: other path, other status, added head."""

from dataclasses import dataclass
from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming_app.backend.api.link_previews import with_head


@dataclass(frozen=True, slots=True)
class PageResponse:
    """How a request for a page is answered."""

    app: ASGIApp
    """Serves the document."""
    head: str = ""
    """HTML to add to the head of the document."""
    links: str = ""
    """The links to add at the end of the head, for what the page loads. Needs a ``head``."""
    status: int | None = None
    """Status of the response instead of that of ``app``. Needs a ``head``."""


def served_from(app: ASGIApp, path: str) -> ASGIApp:
    """Return an app that answers every request with the response of ``app`` at ``path``."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "path": path, "raw_path": quote(path).encode()}, receive, send)

    return serve


def document(app: ASGIApp) -> ASGIApp:
    """Serve the prerendered document, without a redirect to the path with a slash, and not cached."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_unstored(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["cache-control"] = "no-store"
            await send(message)

        await served_from(app, scope["path"].rstrip("/") + "/")(scope, receive, send_unstored)

    return serve


def with_head_and_status(page: PageResponse) -> ASGIApp:
    """Return an app that serves the document of ``page`` with its head and status."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        start, body = await buffered_response(page.app, scope, receive)
        headers = MutableHeaders(raw=start["headers"])
        if headers.get("content-type", "").startswith("text/html"):
            body = with_head(body, page.head, page.links)
            for stale in ("etag", "last-modified", "accept-ranges"):
                del headers[stale]
            if headers.get("cache-control") != "no-store":
                headers["cache-control"] = "no-cache"
            headers["content-length"] = str(len(body))
        await send({**start, "status": page.status or start["status"], "headers": headers.raw})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return serve


async def buffered_response(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """Return the complete, uncompressed response of ``app``, never a 304 or a file for the server to send."""
    unwanted = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
    headers = [(name, value) for name, value in scope["headers"] if name.lower() not in unwanted]
    messages: list[Message] = []

    async def collect(message: Message) -> None:
        messages.append(message)

    await app({**scope, "method": "GET", "headers": headers, "extensions": {}}, receive, collect)
    start = next(message for message in messages if message["type"] == "http.response.start")
    return start, b"".join(message.get("body", b"") for message in messages)
