"""The OpenAPI document, and the examples in docs/api.md and docs/http, tried on a running API."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.token_scopes import SCOPE_DESCRIPTIONS, TokenScope
from streaming_app.backend.api.v1.router import openapi_document
from streaming_app.backend.bootstrap import Backend
from tests.rig.http_files import read_requests
from tests.rig.ports import HOST, free_port
from tests.rig.serving import serving

DOCS = Path(__file__).parents[3] / "docs"
GUIDE = (DOCS / "api.md").read_text(encoding="utf-8")
HTTP_FILES = sorted((DOCS / "http").glob("*.http"))


@pytest.fixture
async def site(api: FastAPI) -> AsyncIterator[str]:
    """URL of the running API."""
    port = free_port()
    async with serving(api, port):
        yield f"http://{HOST}:{port}"


@pytest.fixture
async def secret(backend: Backend, bob: User) -> str:
    """A token of Bob with all scopes."""
    await backend.channels.get_or_create(bob)
    return await backend.api_tokens.create(bob.user_id, NewToken("test", tuple(TokenScope), "7"))


@pytest.mark.parametrize("file", HTTP_FILES, ids=lambda file: file.name)
@pytest.mark.usefixtures("archived_chat", "channel")
async def test_every_request_of_the_http_files_succeeds(site: str, secret: str, file: Path) -> None:
    values = {"site": site, "token": secret, "user": "ana", "channel": "ana", "mine": "bob"}
    requests = read_requests(file, values)

    async with httpx.AsyncClient() as client:
        for request in requests:
            content = request.body or None
            answer = await client.request(request.method, request.url, headers=request.headers, content=content)
            assert answer.status_code == (request.expected_status or answer.status_code), request.name
            assert request.expected_status or answer.is_success, (request.name, answer.text)

    assert len(requests) >= 5


def test_there_is_a_file_for_each_topic() -> None:
    assert [file.name for file in HTTP_FILES] == ["authorization.http", "streams.http", "users.http"]


@pytest.mark.usefixtures("archived_chat", "channel")
async def test_the_client_in_the_guide_works(site: str, secret: str, backend: Backend) -> None:
    [program] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    environment = {**os.environ, "SITE": site, "TOKEN": secret}

    run = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
    )
    output, _ = await run.communicate()

    assert output.decode().splitlines() == [
        "Signed in as Bob",
        "ana is offline",
        "bob is offline",
        "New title: Chess at night",
        "Message: said",
    ]
    assert (await backend.channels.by_slug("bob")).title == "Chess at night"


def test_the_guide_lists_every_scope() -> None:
    listed = dict(re.findall(r"^\| `([a-z:]+)` \| (.*) \|$", GUIDE, re.MULTILINE))

    assert listed == {scope.value: words for scope, words in SCOPE_DESCRIPTIONS.items()}


def test_every_operation_and_field_is_described() -> None:
    document = openapi_document()
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    models = {name: model for name, model in document["components"]["schemas"].items() if "properties" in model}

    assert all(operation["summary"] and operation["description"] for operation in operations)
    assert all({"422", "429", "503"} <= set(operation["responses"]) for operation in operations)
    assert [name for name, model in models.items() if not model.get("description")] == []
    assert [place for place in _undescribed(models) if place not in _OBVIOUS] == []


async def test_the_document_is_served(program: httpx.AsyncClient) -> None:
    answer = await program.get("/api/v1/openapi.json")

    assert answer.json()["info"]["title"] == "streaming_app API"
    assert answer.json()["openapi"].startswith("3.1")


def _undescribed(models: dict[str, dict[str, Any]]) -> list[str]:
    return [
        f"{name}.{field}"
        for name, model in models.items()
        for field, schema in model["properties"].items()
        if not schema.get("description") and not schema.get("examples")
    ]


_OBVIOUS = {"Channel.created_at", "Stream.started_at", "Message.sent_at", "Token.created_at", "Quote.id"}
"""Fields whose name says everything."""
