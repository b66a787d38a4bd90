"""Problem details (RFC 9457): the shape of every error of ``/api/v1``."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

V1_PREFIX = "/api/v1"
PROBLEM_JSON = "application/problem+json"
TYPES = "/developers#"
"""Beginning of every problem type; the code of the error follows. The page describes the codes."""


class WrongField(BaseModel):
    """A field of the request that is wrong."""

    field: str = Field(description="Name of the parameter, or of the field in the body.", examples=["title"])
    detail: str = Field(description="What is wrong, and how to fix it.", examples=["Enter a title."])


class Problem(BaseModel):
    """Why a request failed."""

    type: str = Field(description="Identifies the kind of error.", examples=["/developers#not_found"])
    title: str = Field(description="The HTTP status in words.", examples=["Not Found"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="What is wrong and how to fix it, in words for people.", examples=["There is no such channel."]
    )
    instance: str = Field(description="Path of the request.", examples=["/api/v1/channels/nobody"])
    code: str = Field(description="The kind of error, in one word for programs.", examples=["not_found"])
    errors: list[WrongField] = Field(default=[], description="The wrong fields, if the request is invalid.")


def problem_response(
    path: str,
    status: int,
    code: str,
    message: str,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return the problem details of a request to ``path``."""
    problem = Problem(
        type=TYPES + code,
        title=HTTPStatus(status).phrase,
        status=status,
        detail=message,
        instance=quote(path, safe="/@:"),
        code=code,
        errors=[WrongField(field=field, detail=detail) for field, detail in (fields or {}).items()],
    )
    challenge = {"www-authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(problem.model_dump(), status, {**challenge, **(headers or {})}, PROBLEM_JSON)
