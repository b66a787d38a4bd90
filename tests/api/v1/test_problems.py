"""Errors of the API: problem details with a status, a code and a text for people."""

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.app import create_api
from streaming_app.backend.api.v1.error_responses import DESCRIPTIONS
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.streams.model import Channel
from tests.api.conftest import ORIGIN
from tests.api.v1.conftest import NewProgram, problem_of
from tests.rig.broken_store import without_table


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("GET", "/api/v1", 404, "not_found"),
        ("GET", "/api/v1/", 404, "not_found"),
        ("GET", "/api/v1/channels/nobody", 404, "not_found"),
        ("GET", "/api/v1/users/ana@example.com", 404, "not_found"),
        ("POST", "/api/v1/me", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/channels/ana", 405, "method_not_allowed"),
        ("OPTIONS", "/api/v1/me", 405, "method_not_allowed"),
        ("GET", "/api/v1/channels?limit=0", 422, "invalid"),
        ("GET", "/api/v1/channels?limit=101", 422, "invalid"),
        ("GET", "/api/v1/channels?live=maybe", 422, "invalid"),
    ],
)
async def test_an_error_is_a_problem_with_its_status_and_code(
    new_program: NewProgram, ana: User, channel: Channel, method: str, path: str, status: int, code: str
) -> None:
    program = await new_program(ana)

    answer = await program.request(method, path, headers={"content-type": "application/json"})

    problem = problem_of(answer)
    assert (answer.status_code, problem["code"]) == (status, code)
    assert problem["instance"] == path.partition("?")[0]


async def test_a_wrong_method_lists_the_right_ones(new_program: NewProgram, ana: User, channel: Channel) -> None:
    program = await new_program(ana)

    for method in ("POST", "OPTIONS", "HEAD"):
        answer = await program.request(method, "/api/v1/channels/ana", json={})
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")


async def test_each_wrong_field_is_named(new_program: NewProgram, ana: User, channel: Channel) -> None:
    program = await new_program(ana)
    too_long = {"title": "x" * 141}

    by_rule = problem_of(await program.patch("/api/v1/channels/ana", json=too_long))
    by_type = problem_of(await program.patch("/api/v1/channels/ana", json={"title": 5, "category": {}}))

    assert by_rule["errors"] == [{"field": "title", "detail": "Use 140 characters or fewer. You entered 141."}]
    assert {each["field"] for each in by_type["errors"]} == {"title", "category"}  # type: ignore[index, union-attr]


@pytest.mark.parametrize("field", ["slug", "owner_id", "records", "key_hash", "is_live"])
async def test_other_fields_cannot_be_set(
    new_program: NewProgram, backend: Backend, ana: User, channel: Channel, field: str
) -> None:
    program = await new_program(ana)

    answer = await program.patch("/api/v1/channels/ana", json={"title": "new", field: "x"})

    assert answer.status_code == 422
    assert await backend.channels.by_slug("ana") == channel


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b'{"title": "x"}', "text/plain", 415, "not_json"),
        (b"title=x", "application/x-www-form-urlencoded", 415, "not_json"),
        (b"{", "application/json", 422, "invalid"),
        (b"[]", "application/json", 422, "invalid"),
        (b'{"title": "\\ud800"}', "application/json", 422, "invalid"),
        (b" " * 20_000, "application/json", 413, "too_large"),
    ],
)
async def test_a_body_that_cannot_be_used_is_refused(
    new_program: NewProgram, ana: User, channel: Channel, content: bytes, kind: str, status: int, code: str
) -> None:
    program = await new_program(ana)

    answer = await program.patch("/api/v1/channels/ana", content=content, headers={"content-type": kind})

    assert (answer.status_code, problem_of(answer)["code"]) == (status, code)


async def test_an_outage_of_the_store_is_a_problem_with_retry_after(
    program: httpx.AsyncClient, store_file: Path
) -> None:
    with without_table(store_file, "channels"):
        answer = await program.get("/api/v1/channels")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert problem_of(answer)["code"] == "unavailable"


async def test_a_site_that_starts_answers_with_a_problem() -> None:
    api: FastAPI = create_api()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=ORIGIN) as client:
        answer = await client.get("/api/v1/channels")

    assert (answer.status_code, problem_of(answer)["code"]) == (503, "unavailable")


async def test_every_documented_status_has_a_code() -> None:
    assert all(code.isidentifier() and text for code, text in DESCRIPTIONS.values())
