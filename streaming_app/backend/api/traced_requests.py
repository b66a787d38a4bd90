"""ASGI middleware that begins a trace with each HTTP request, except health checks."""

from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming_app.backend.api.problems import V1_PREFIX
from streaming_app.backend.request_ids import current_request_id
from streaming_app.backend.tracing import request_span

UNTRACED = frozenset({"/api/live", "/api/health"})
"""Paths that supervisors and load balancers request every few seconds."""


class TracedRequests:
    """Traces HTTP requests. Websockets stay open for hours; the events of pages have traces of their own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._app(scope, receive, send)
            return
        status = 500

        async def send_with_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with request_span(scope["method"], current_request_id()) as span:
            try:
                await self._app(scope, receive, send_with_status)
            finally:
                span.answered(_route_of(scope), status)


def _route_of(scope: Scope) -> str:
    """Return the path of the API that the app has found; empty for pages and files."""
    route = scope.get("route")
    if not isinstance(route, APIRoute):
        return ""
    is_v1 = scope["path"].startswith(f"{V1_PREFIX}/") and not route.path_format.startswith("/api/")
    return V1_PREFIX + route.path_format if is_v1 else route.path_format
