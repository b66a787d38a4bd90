"""Schemathesis: generated requests to every operation find no server error and no answer that is not documented."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI

from streaming_app.backend.accounts.api_tokens import NewToken
from streaming_app.backend.accounts.model import User
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.config import Settings
from streaming_app.backend.streams.model import Channel
from tests.api.v1.conftest import add_recording, add_stream
from tests.rig.ports import HOST, free_port
from tests.rig.serving import serving

EXAMPLES = 25
"""Generated requests for each operation and phase."""
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method,allow_header_conformance,ignored_auth"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Limits that the generated requests do not reach: other tests check them."""
    return Settings(data_dir=tmp_path / "data", supervise=frozenset(), api_burst=1_000_000, chat_burst=1_000_000)


@pytest.mark.usefixtures("archived_chat")
@pytest.mark.parametrize("has_token", [False, True], ids=["without a token", "with a token"])
async def test_generated_requests_get_documented_answers(
    api: FastAPI, backend: Backend, ana: User, channel: Channel, tmp_path: Path, *, has_token: bool
) -> None:
    for number in range(3):
        await add_stream(backend, channel, number)
        await add_recording(backend, channel, number)
    secret = await backend.api_tokens.create(ana.user_id, NewToken("test", tuple(TokenScope), "7"))
    header = ("--header", f"Authorization: Bearer {secret}") if has_token else ()
    port = free_port()

    async with serving(api, port):
        command = (
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://{HOST}:{port}/api/v1/openapi.json"),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES)),
            *("--generation-deterministic", "--workers", "1", "--no-color", "--warnings", "off"),
            *("--continue-on-failure", *header),
        )
        run = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=_environment()
        )
        output, _ = await run.communicate()

    assert run.returncode == 0, output.decode()


def _environment() -> dict[str, str]:
    return {**os.environ, "SCHEMATHESIS_TELEMETRY": "false", "DO_NOT_TRACK": "1"}
