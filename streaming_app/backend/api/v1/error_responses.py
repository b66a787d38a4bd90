"""The error answers of ``/api/v1``, as its OpenAPI document describes them."""

from typing import Any

from streaming_app.backend.api.problems import PROBLEM_JSON

DESCRIPTIONS = {
    400: ("bad_request", "The request could not be read, for example because it is not HTTP that the server supports."),
    401: ("not_signed_in", "The request has no valid API token or session: it is missing, wrong, expired or revoked."),
    403: (
        "forbidden",
        "The token lacks the scope, the user may not do this, or a browser's request is from another site.",
    ),
    404: ("not_found", "There is nothing at this address, or it no longer exists."),
    405: ("method_not_allowed", "The address exists, but not with this method. `Allow` lists the methods."),
    409: ("conflict", "The request conflicts with the current state, or somebody changed the same at the same time."),
    412: (
        "changed",
        "The resource was changed since the version in `If-Match`. Read it, then repeat the change.",
    ),
    413: ("too_large", "The body of the request is larger than 16 KiB, or a picture is larger than 1 MiB."),
    415: ("not_json", "The body of the request is not JSON with the content type `application/json`."),
    422: ("invalid", "Parameters or fields are invalid. `errors` lists them."),
    429: ("rate_limited", "Too many requests, or too many chat messages. `Retry-After` says when to try again."),
    500: ("failed", "The site failed. The operator finds the reason in the log."),
    503: ("unavailable", "The site starts, or its store or its bus is unavailable. Try again after `Retry-After`."),
}
"""The code of each status (other codes are possible) and when it occurs."""
OTHER_CODES = {
    "not_picture": (415, "The body of the request has no content type of a picture, such as `image/png`."),
    "foreign_origin": (403, "A browser's request with the session cookie comes from a page of another site."),
    "taken": (409, "A value that must be unique is already in use."),
    "refused": (400, "The request was refused for another reason, which `detail` says."),
}
"""The other codes, each with its status and when it occurs."""
ALWAYS = (400, 403, 413, 415, 422, 429, 500, 503)
"""What every operation may answer."""
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
_CHALLENGE = {"WWW-Authenticate": {"description": "The scheme: `Bearer`.", "schema": {"type": "string"}}}
_HEADERS = {401: _CHALLENGE, 429: _RETRY_AFTER, 503: _RETRY_AFTER}


def problem_codes() -> dict[str, tuple[int, str]]:
    """Return all codes, each with its status and when it occurs, sorted by status."""
    usual = {code: (status, text) for status, (code, text) in DESCRIPTIONS.items()}
    return dict(sorted((usual | OTHER_CODES).items(), key=lambda each: each[1][0]))


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the ``responses`` of a route that may answer these statuses, besides those that every route may."""
    return {status: _response(status) for status in sorted({*statuses, *ALWAYS})}


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    response: dict[str, Any] = {
        "description": DESCRIPTIONS[status][1],
        "content": {PROBLEM_JSON: {"schema": schema}},
    }
    if status in _HEADERS:
        response["headers"] = _HEADERS[status]
    return response
