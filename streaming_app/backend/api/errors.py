"""Maps errors to HTTP responses: problem details below ``/api/v1``, and one other shape elsewhere."""

import logging
import math
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from streaming_app.backend.api.problems import V1_PREFIX, problem_response
from streaming_app.backend.errors import (
    BusUnavailableError,
    BusyError,
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    ReauthenticationNeededError,
    SecondStepNeededError,
    StoreUnavailableError,
    TakenError,
)

log = logging.getLogger(__name__)

RETRY_SECONDS = 1
"""Value of ``Retry-After`` in an outage."""

_STATUS: dict[type[DomainError], tuple[int, str]] = {
    TakenError: (409, "taken"),
    InvalidError: (422, "invalid"),
    NotSignedInError: (401, "not_signed_in"),
    ReauthenticationNeededError: (403, "reauthentication_needed"),
    SecondStepNeededError: (403, "second_step_needed"),
    ForbiddenError: (403, "forbidden"),
    NotFoundError: (404, "not_found"),
    ConflictError: (409, "conflict"),
    RateLimitedError: (429, "rate_limited"),
    BusUnavailableError: (503, "unavailable"),
    BusyError: (503, "unavailable"),
    DomainError: (400, "refused"),
}

_HTTP_CODES = {
    400: "bad_request",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    412: "changed",
    413: "too_large",
}
_HTTP_WORDS = {
    "Not Found": "Page not found.",
    "Method Not Allowed": "This method is not allowed here.",
}
"""Our texts for the default messages of the framework."""


class NotOpenError(Exception):
    """The backend is not open, because the process is starting or stopping."""


def error_response(
    path: str,
    status: int,
    code: str,
    message: str,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the response to a request to ``path``. ``fields`` has a message for each wrong field.

    At ``/api/v1`` and below, it contains problem details, elsewhere ``{"error": {"code", "message", "fields"}}``.
    """
    if f"{path}/".startswith(f"{V1_PREFIX}/"):
        return problem_response(path, status, code, message, fields, headers)
    return JSONResponse({"error": {"code": code, "message": message, "fields": dict(fields or {})}}, status, headers)


def map_errors(api: FastAPI) -> None:
    """Register handlers that answer every error of ``api`` in this shape."""
    api.add_exception_handler(DomainError, _refused)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(NotOpenError, _not_open)
    api.add_exception_handler(StoreUnavailableError, _store_away)
    api.add_exception_handler(Exception, _unexpected)


async def _refused(request: Request, refused: Exception) -> JSONResponse:
    assert isinstance(refused, DomainError)  # noqa: S101 - registered for this type only
    status, code = next(_STATUS[kind] for kind in type(refused).__mro__ if kind in _STATUS)
    fields = refused.fields if isinstance(refused, InvalidError) else None
    wait = refused.retry_after.total_seconds() if isinstance(refused, RateLimitedError) else RETRY_SECONDS
    headers = {"retry-after": str(math.ceil(wait))} if status in {429, 503} else None
    return error_response(request.scope["path"], status, code, refused.public_message, fields, headers)


async def _invalid(request: Request, invalid: Exception) -> JSONResponse:
    assert isinstance(invalid, RequestValidationError)  # noqa: S101 - registered for this type only
    fields = {_field(error["loc"]): str(error["msg"]) for error in invalid.errors()}
    return error_response(request.scope["path"], 422, "invalid", "Parameters or fields are invalid.", fields)


async def _http(request: Request, failed: Exception) -> JSONResponse:
    assert isinstance(failed, HTTPException)  # noqa: S101 - registered for this type only
    code = _HTTP_CODES.get(failed.status_code, "refused")
    message = _HTTP_WORDS.get(failed.detail, failed.detail)
    return error_response(request.scope["path"], failed.status_code, code, message, headers=failed.headers)


async def _not_open(request: Request, __: Exception) -> JSONResponse:
    return _unavailable(request, "The site is starting. Try again in a moment.")


async def _store_away(request: Request, __: Exception) -> JSONResponse:
    return _unavailable(request, "We're having trouble. Try again shortly.")


async def _unexpected(request: Request, failed: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=failed)
    return error_response(request.scope["path"], 500, "failed", "Something went wrong. Try again in a moment.")


def _unavailable(request: Request, message: str) -> JSONResponse:
    headers = {"retry-after": str(RETRY_SECONDS)}
    return error_response(request.scope["path"], 503, "unavailable", message, headers=headers)


def _field(location: tuple[int | str, ...]) -> str:
    """Return ``ticket`` for ``body.ticket``, and ``body`` for the whole body."""
    inner = [str(part) for part in location[1:] if isinstance(part, str)]
    return ".".join(inner) or str(location[0])
