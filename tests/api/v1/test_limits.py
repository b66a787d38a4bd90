"""The rate limit of the API: for each token, each user and each address."""

from pathlib import Path

import httpx
import pytest

from streaming_app.backend.accounts.model import User
from streaming_app.backend.config import Settings
from tests.api.conftest import Browser
from tests.api.v1.conftest import NewProgram, problem_of

BURST = 5


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", supervise=frozenset(), api_burst=BURST, api_refill="3600")  # type: ignore[arg-type]


async def test_every_response_says_how_many_requests_are_left(program: httpx.AsyncClient) -> None:
    answers = [await program.get("/api/v1/channels") for _ in range(2)]
    answers.append(await program.get("/api/v1/channels/nobody"))

    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["4", "3", "2"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {str(BURST)}
    assert 0 < int(answers[0].headers["ratelimit-reset"]) <= 3600


async def test_too_many_requests_are_refused_with_retry_after(program: httpx.AsyncClient) -> None:
    answers = [await program.get("/api/v1/channels") for _ in range(BURST + 1)]

    assert [answer.status_code for answer in answers] == [200] * BURST + [429]
    assert problem_of(answers[-1])["code"] == "rate_limited"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600
    assert answers[-1].headers["ratelimit-remaining"] == "0"
    assert (BURST - 1) * 3600 < int(answers[-1].headers["ratelimit-reset"]) <= BURST * 3600


async def test_each_token_has_its_own_limit(program: httpx.AsyncClient, new_program: NewProgram, ana: User) -> None:
    first, second = await new_program(ana), await new_program(ana)

    answers = [await first.get("/api/v1/me") for _ in range(BURST + 1)]

    assert answers[-1].status_code == 429
    assert (await second.get("/api/v1/me")).status_code == 200
    assert (await program.get("/api/v1/channels")).status_code == 200


async def test_wrong_tokens_count_for_the_address(program: httpx.AsyncClient) -> None:
    answers = [
        await program.get("/api/v1/me", headers={"authorization": f"Bearer sat_{number}"})
        for number in range(BURST + 1)
    ]

    assert [answer.status_code for answer in answers] == [401] * BURST + [429]


async def test_a_session_counts_for_its_user(browser: Browser, program: httpx.AsyncClient, ana: User) -> None:
    await browser.sign_in(ana)

    answers = [await browser.client.get("/api/v1/me") for _ in range(BURST + 1)]

    assert answers[-1].status_code == 429
    assert (await program.get("/api/v1/channels")).status_code == 200
