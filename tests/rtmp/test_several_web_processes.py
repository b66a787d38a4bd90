"""nginx in front of several web processes: any request may go to any of them, and a stopped one is not missed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from streaming_app.backend.adapters.web_processes import web_processes_of
from streaming_app.backend.config import Settings
from tests.rig.nginx import nginx_settings, running_front
from tests.rig.ports import HOST, free_port, free_ports
from tests.rig.serving import serving


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return nginx_settings(tmp_path, web_processes=3, more_web_port=free_ports(4))


@pytest.fixture
async def browser(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    with running_front(settings):
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{settings.http_port}", trust_env=False) as client:
            yield client


async def test_requests_are_spread_over_the_web_processes(settings: Settings, browser: httpx.AsyncClient) -> None:
    async with AsyncExitStack() as running:
        for web in web_processes_of(settings):
            await running.enter_async_context(serving(_app(str(web.web_process)), web.web_port))

        answers = [(await browser.get("/")).text for _ in range(60)]

    assert set(answers) == {"1", "2", "3"}


@pytest.mark.parametrize("stopped", [1, 2])
async def test_a_stopped_web_process_is_not_missed(
    settings: Settings, browser: httpx.AsyncClient, stopped: int
) -> None:
    async with AsyncExitStack() as running:
        for web in web_processes_of(settings):
            if web.web_process != stopped:
                await running.enter_async_context(serving(_app(str(web.web_process)), web.web_port))

        answers = [await browser.post("/") for _ in range(60)]

    assert {answer.status_code for answer in answers} == {200}
    assert {answer.text for answer in answers} == {"1", "2", "3"} - {str(stopped)}


@pytest.mark.parametrize("prefix", ["", "[::1]:1, "])
async def test_processes_on_other_machines_replace_those_of_this_machine(tmp_path: Path, prefix: str) -> None:
    web_port, feed_port = free_port(), free_port()
    settings = nginx_settings(
        tmp_path, web_upstreams=f"{prefix}{HOST}:{web_port}", feed_upstreams=f"{prefix}{HOST}:{feed_port}"
    )
    with running_front(settings):
        async with (
            serving(_app("web"), web_port),
            serving(_app("feed"), feed_port),
            serving(_app("not asked"), settings.web_port),
            httpx.AsyncClient(base_url=f"http://{HOST}:{settings.http_port}", trust_env=False) as browser,
        ):
            answers = {path: {(await browser.get(path)).text for _ in range(10)} for path in ("/", "/feed/")}

    assert answers == {"/": {"web"}, "/feed/": {"feed"}}


def _app(name: str) -> FastAPI:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def answer(path: str) -> PlainTextResponse:
        return PlainTextResponse(name)

    return app
