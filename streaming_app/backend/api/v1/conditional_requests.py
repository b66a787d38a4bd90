"""Conditional requests: ``ETag``, ``If-None-Match`` and ``If-Match``."""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from streaming_app.backend.api.v1.identity import signed_in

_DIGEST_BYTES = 12
IF_MATCH = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "The `ETag` of the version that you read, so that you overwrite nobody's change.",
        }
    ]
}
"""The ``openapi_extra`` of a route that calls ``check_unchanged``."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def etag_of(content: bytes) -> str:
    """Return the strong entity tag of a response body."""
    return f'"{hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()}"'


def etag_of_model(model: BaseModel) -> str:
    """Return the entity tag of a resource, for ``check_unchanged``."""
    return etag_of(model.model_dump_json().encode())


def check_unchanged(request: Request, current: str) -> None:
    """Raise 412 if the request has ``If-Match``, and the resource's current entity tag is not in it."""
    wanted = request.headers.get("if-match")
    if wanted is not None and not _matches(wanted, current):
        raise HTTPException(412, "This was changed since you read it. Read it again, then repeat the change.")


class ConditionalRoute(APIRoute):
    """A route whose GET responses have an entity tag, and are 304 if the client has the same content already.

    Content for a signed-in user is not stored by caches. Public content is stored, but must
    be validated each time.
    """

    def get_route_handler(self) -> Handler:
        """Wrap the route's handler."""
        handle = super().get_route_handler()
        is_private = any(dependency.call is signed_in for dependency in self.dependant.dependencies)

        async def conditional(request: Request) -> Response:
            response = await handle(request)
            if request.method != "GET" or response.status_code != 200:  # noqa: PLR2004 - OK
                return response
            etag = response.headers.setdefault("etag", etag_of(bytes(response.body)))
            response.headers["cache-control"] = "no-store" if is_private else "no-cache"
            if not _matches(request.headers.get("if-none-match", ""), etag):
                return response
            kept = {
                name: response.headers[name] for name in ("etag", "cache-control", "link") if name in response.headers
            }
            return Response(status_code=304, headers=kept)

        return conditional


def _matches(header: str, etag: str) -> bool:
    return any(each.strip().removeprefix("W/") in {etag, "*"} for each in header.split(","))
