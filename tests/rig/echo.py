"""A test application that replaces the site's web process and reports the requests that it receives."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from streaming_app.backend.config import Settings
from tests.rig.ports import HOST
from tests.rig.serving import serving


def echo_app() -> FastAPI:
    """Return an app with a page, a built file, an upload and a busy API; other URLs return their path and headers."""
    app = FastAPI()

    @app.get("/page")
    async def page() -> HTMLResponse:
        return HTMLResponse("<h1>A page</h1>" * 100)

    @app.get("/api/busy")
    async def busy() -> JSONResponse:
        return JSONResponse({"detail": "its own words"}, 503)

    @app.get("/api/guarded")
    async def guarded() -> JSONResponse:
        return JSONResponse({}, headers={"x-content-type-options": "nosniff"})

    @app.get("/page-with-policy/{policy}")
    async def page_with_policy(policy: str) -> HTMLResponse:
        return HTMLResponse("<p>A page</p>", headers={"content-security-policy": policy})

    @app.get("/assets/app-1a2b.js")
    async def asset() -> Response:
        return Response("x = 1;" * 200, media_type="text/javascript", headers={"cache-control": "no-cache"})

    @app.post("/upload")
    async def upload(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    @app.get("/{path:path}")
    async def anything(path: str, request: Request) -> JSONResponse:
        return JSONResponse({"path": f"/{path}", "headers": dict(request.headers)})

    return app


@asynccontextmanager
async def client_of_echo(settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
    """Run the app in place of the web process while the block runs, and yield a client of the front door."""
    async with (
        serving(echo_app(), settings.web_port),
        httpx.AsyncClient(base_url=f"http://{HOST}:{settings.http_port}", trust_env=False) as client,
    ):
        yield client
