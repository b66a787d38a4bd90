"""ASGI middleware that gives each HTTP request and websocket the id under which logs and events mention it."""

from collections.abc import MutableMapping, Sequence
from ipaddress import IPv4Network, IPv6Network

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming_app.backend.client_addresses import LOOPBACK, is_within
from streaming_app.backend.request_ids import HEADER, new_request_id, valid_request_id, working_on


class RequestIds:
    """Reads ``X-Request-ID``, which nginx sets, and adds it to the response.

    Requests that come from elsewhere, or have no valid id, get a new one. The app finds it in the request's headers.
    """

    def __init__(self, app: ASGIApp, own_networks: Sequence[IPv4Network | IPv6Network] = LOOPBACK) -> None:
        """Create the middleware. ``own_networks`` are those of the site's nginx."""
        self._app = app
        self._own_networks = own_networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or websocket."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        request_id = self._given_id(scope) or new_request_id()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
            await send(message)

        with working_on((request_id,)):
            await self._app(_with_id(scope, request_id), receive, send_with_id)

    def _given_id(self, scope: Scope) -> str:
        peer = (scope.get("client") or ("", 0))[0]
        given = Headers(scope=scope).get(HEADER, "")
        return valid_request_id(given) if is_within(peer, self._own_networks) else ""


def _with_id(scope: MutableMapping[str, object], request_id: str) -> Scope:
    headers = MutableHeaders(raw=list(Headers(scope=scope).raw))
    headers[HEADER] = request_id
    return {**scope, "headers": headers.raw}
