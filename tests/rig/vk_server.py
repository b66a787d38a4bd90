"""A VK ID server that follows VK's documentation: a page that asks the user, the exchange of codes, and profiles."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.rig.ports import HOST, free_port

CLIENT_ID = "51234567"

_PAGE = """<!doctype html><title>VK ID</title><h1>VK ID</h1>
<form method="post"><button name="agree" value="yes">Allow as Иван</button><button name="agree" value="">Cancel</button>
</form>"""


@dataclass
class VkServer:
    """A server with one user."""

    port: int = field(default_factory=free_port)
    user: dict[str, Any] = field(
        default_factory=lambda: {
            "user_id": "1234567890",
            "first_name": "Иван",
            "last_name": "Петров",
            "avatar": "https://example.com/avatar.png",
            "email": "ivan@example.com",
            "sex": 2,
            "verified": False,
            "birthday": "01.01.2000",
        }
    )
    token_changes: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields that replace those of the answer to a code."""
    profile_changes: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields that replace those of the profile."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    _tokens: set[str] = field(default_factory=set[str])

    @property
    def url(self) -> str:
        """Return the URL of the server."""
        return f"http://{HOST}:{self.port}"

    @property
    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/authorize", self._authorize, methods=["GET", "POST"]),
                Route("/oauth2/auth", self._exchange, methods=["POST"]),
                Route("/oauth2/user_info", self._user_info, methods=["POST"]),
            ]
        )

    def answer(self, url: str) -> dict[str, str]:
        """Return the query with which VK sends the browser back that it got at ``url``."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT_ID
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["state"]) >= 32
        code, device_id = f"vk2.a.{secrets.token_urlsafe(24)}", secrets.token_urlsafe(32)
        self._codes[code] = {**asked, "device_id": device_id}
        answer = {"code": code, "state": asked["state"], "device_id": device_id}
        return {**answer, "expires_in": "600", "type": "code_v2"}

    async def _authorize(self, request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(_PAGE)
        redirect_uri = request.query_params["redirect_uri"]
        if parse_qs((await request.body()).decode()).get("agree") == ["yes"]:
            answer = self.answer(str(request.url))
        else:
            answer = {"error": "access_denied", "state": request.query_params["state"]}
        return RedirectResponse(f"{redirect_uri}?{urlencode(answer)}", 302)

    async def _exchange(self, request: Request) -> Response:
        form = await _form(request)
        asked = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        given = form.get("client_id"), form.get("redirect_uri"), form.get("device_id"), challenge
        wanted = asked and tuple(asked[name] for name in ("client_id", "redirect_uri", "device_id", "code_challenge"))
        if form.get("grant_type") != "authorization_code" or given != wanted:
            return JSONResponse({"error": "invalid_request", "error_description": "code is invalid"})
        token = f"vk2.a.{secrets.token_urlsafe(24)}"
        self._tokens.add(token)
        answer = {
            "refresh_token": f"vk2.a.{secrets.token_urlsafe(24)}",
            "access_token": token,
            "id_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.sig",
            "token_type": "Bearer",
            "expires_in": 3600,
            "user_id": int(self.user["user_id"]),
            "state": form.get("state", ""),
            "scope": "vkid.personal_info email",
        }
        return JSONResponse({**answer, **self.token_changes})

    async def _user_info(self, request: Request) -> Response:
        form = await _form(request)
        if form.get("access_token") not in self._tokens or form.get("client_id") != CLIENT_ID:
            return JSONResponse({"error": "invalid_token", "error_description": "access_token is invalid"}, 401)
        return JSONResponse({"user": {**self.user, **self.profile_changes}})


async def _form(request: Request) -> dict[str, str]:
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    return {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
