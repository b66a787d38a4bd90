"""A captcha provider with the documented protocol of hCaptcha and Turnstile: ``POST /siteverify`` with a form."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from tests.rig.ports import HOST, free_port
from tests.rig.serving import serving

SECRET = "0x4AAAAAAA-secret"
SITE_KEY = "0x4AAAAAAA-site"


class CaptchaServer:
    """The server. It accepts each answer in ``valid`` once."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://{HOST}:{self.port}/siteverify"
        self.valid: set[str] = set()
        self.forms: list[dict[str, str]] = []
        """The forms of all requests."""
        self.broken: Response | None = None
        """What the server answers instead, if it is out of order."""

    def app(self) -> FastAPI:
        """Return the ASGI application."""
        app = FastAPI()

        @app.post("/siteverify")
        async def verify(request: Request) -> Response:
            form = dict(parse_qsl((await request.body()).decode()))
            self.forms.append(form)
            if self.broken:
                return self.broken
            if form.get("secret") != SECRET:
                return JSONResponse({"success": False, "error-codes": ["invalid-input-secret"]})
            if form.get("response") not in self.valid:
                return JSONResponse({"success": False, "error-codes": ["timeout-or-duplicate"]})
            self.valid.remove(form["response"])
            return JSONResponse({"success": True, "challenge_ts": "2026-11-28T20:00:00Z", "hostname": HOST})

        return app


OUT_OF_ORDER = [
    PlainTextResponse("Bad gateway", 502),
    PlainTextResponse("<h1>Maintenance</h1>"),
    JSONResponse(["success"]),
    JSONResponse({"success": "yes"}),
]


@asynccontextmanager
async def running_captcha_server() -> AsyncGenerator[CaptchaServer]:
    """Run the server while the block runs."""
    server = CaptchaServer()
    async with serving(server.app(), server.port):
        yield server
