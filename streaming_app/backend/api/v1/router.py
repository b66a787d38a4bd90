"""All routes of the public API, and its OpenAPI document."""

import json
import re
from functools import cache
from typing import Any

from fastapi import APIRouter, Depends
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from streaming_app.backend.api.problems import V1_PREFIX, Problem
from streaming_app.backend.api.v1 import (
    channels,
    follows,
    me,
    messages,
    recordings,
    sessions,
    streams,
    users,
)
from streaming_app.backend.api.v1.conditional_requests import ConditionalRoute
from streaming_app.backend.api.v1.identity import identify
from streaming_app.backend.api.v1.pages import PAGE_DEFAULT, PAGE_MAX

DOCUMENT_PATH = f"{V1_PREFIX}/openapi.json"
VERSION = "1.0.0"
_MODULES = (me, sessions, users, channels, streams, follows, messages, recordings)
_TAGS = {
    "me": "The user for whom the request acts, with its profile and its token.",
    "sessions": "Where the user is signed in.",
    "users": "The public profiles of users.",
    "channels": "Each user has one channel, with a title, a category and live video.",
    "streams": "A stream is one broadcast of a channel.",
    "follows": "The channels that the user follows.",
    "chat": "The chat of a channel. For new messages as they are sent, use the live feed.",
    "recordings": "The recordings of streams, for channels that record.",
}
_DESCRIPTION = f"""
The public API of the site. What everybody may see needs no token.

**Authentication.** Send an API token in the header `Authorization: Bearer TOKEN`. Users create tokens at
`/settings/tokens`, and choose scopes and an expiry. A token can do only what its scopes allow.

**Lists** have pages of {PAGE_DEFAULT} items, or `limit` (up to {PAGE_MAX}). `next` is the `cursor` of the next page;
the header `Link` has it too. A cursor has no meaning of its own and belongs to one list.

**Errors** are problem details (RFC 9457), with the media type `application/problem+json`.

**Limits.** The headers `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) say how many requests
are left. Further requests get 429 with `Retry-After`. The body of a request may have 16 KiB, and a picture 1 MiB.

**Caching.** Responses to GET have an `ETag`. A request with `If-None-Match` gets 304 if nothing has changed. PATCH with
`If-Match` gets 412 if somebody else made a change in between.

**Versions.** Within version 1, fields and operations are added, and never removed or changed. Ignore fields that you do
not know.
"""


def _v1_router() -> APIRouter:
    router = APIRouter(
        prefix=V1_PREFIX,
        dependencies=[Depends(identify)],
        route_class=ConditionalRoute,
        generate_unique_id_function=_operation_id,
    )
    for module in _MODULES:
        router.include_router(module.router)

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi_json() -> dict[str, Any]:
        """Return the OpenAPI document."""
        return openapi_document()

    return router


def _operation_id(route: APIRoute) -> str:
    return route.name


router = _v1_router()


@cache
def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document of the public API."""
    document: dict[str, Any] = get_openapi(
        title="streaming_app API",
        version=VERSION,
        description=_DESCRIPTION.strip(),
        routes=router.routes,
        tags=[{"name": name, "description": text} for name, text in _TAGS.items()],
    )
    schemas = document["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs") | {"Problem": problem}
    for name in [name for name in schemas if name.startswith("Page_")]:
        schemas[name]["description"] = "One page of a list."
    for operations in document["paths"].values():
        for method, operation in operations.items():
            _describe(method, operation)
    return _with_short_names(document)


def _with_short_names(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the names that generated clients should have.

    ``ChannelResource`` becomes ``Channel``, and ``Page_ChannelResource_``, as FastAPI names a page, ``ChannelPage``.
    """
    text = re.sub(r"([A-Z]\w*?)Resource(?![a-z])", r"\1", json.dumps(document))
    return json.loads(re.sub(r"Page_(\w+?)_", r"\1Page", text))


def _describe(method: str, operation: dict[str, Any]) -> None:
    """Add what all operations have in common: entity tags, 304, and headers with the rate limit."""
    headers = {
        f"RateLimit-{name}": {"description": text, "schema": {"type": "integer"}}
        for name, text in (
            ("Limit", "Requests that are allowed at once."),
            ("Remaining", "Requests that are allowed now."),
            ("Reset", "Seconds until as many are allowed as at first."),
        )
    }
    for requirement in operation.get("security", []):
        if "session" in requirement:
            requirement["session"] = []  # a session has no scopes
    if method in {"get", "patch"}:
        text = "Identifies the content, for `If-None-Match` and `If-Match`."
        headers["ETag"] = {"description": text, "schema": {"type": "string"}}
    if method == "get":
        operation["responses"]["304"] = {"description": "The content is the same as that of `If-None-Match`."}
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response["headers"] = headers
    operation["responses"] = dict(sorted(operation["responses"].items()))
