"""An OpenID Connect provider whose answers tests can change, for everything that an honest provider never does."""

import base64
import hashlib
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from tests.rig.ports import HOST, free_port
from tests.rig.serving import serving

CLIENT_ID = "the-site"
CLIENT_SECRET = "the-site's secret"

KEY = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"})
"""Generated once, because that takes long."""


@dataclass
class ScriptedOidc:
    """A provider with one user. ``answer`` plays the part of its pages."""

    port: int = field(default_factory=free_port)
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    """Claims that replace those of the ID token; ``None`` leaves a claim out."""
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    """Fields that replace those of the discovery document."""
    nonsense: str = ""
    """Start of the paths that are answered with HTML."""
    algorithm: str = "RS256"
    signing_key: RSAKey = field(default_factory=lambda: KEY)
    published_keys: list[RSAKey] = field(default_factory=list[RSAKey])
    requests: list[str] = field(default_factory=list[str])
    """The paths of all requests."""
    _codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def __post_init__(self) -> None:
        """Publish the signing key."""
        self.published_keys = [self.signing_key]

    @property
    def issuer(self) -> str:
        """Return the issuer."""
        return f"http://{HOST}:{self.port}"

    def answer(self, url: str, **changed: str) -> dict[str, str]:
        """Return the query with which the provider sends the browser back that it got at ``url``."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert url.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], **changed}

    def id_token(self, nonce: str) -> str:
        """Return a signed ID token."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": "user-1",
            "aud": CLIENT_ID,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
            "email": "ana@example.com",
            "email_verified": True,
            "name": "Ana",
            **self.claims,
        }
        header = {"alg": self.algorithm, "kid": self.signing_key.kid}
        known = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, known, self.signing_key, algorithms=[self.algorithm])

    async def handle(self, request: Request) -> Response:
        """Answer a request of the site."""
        path = request.url.path
        self.requests.append(path)
        if self.nonsense and path.startswith(self.nonsense):
            return PlainTextResponse("<html>Maintenance</html>")
        if path == "/.well-known/openid-configuration":
            return JSONResponse(self._discovery())
        if path == "/jwks":
            return JSONResponse(KeySet([*self.published_keys]).as_dict(private=False))
        return await self._token(request)

    def _discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.metadata,
        }

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        asked = self._codes.pop(form.get("code", ""), None)
        login = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {login}":
            return JSONResponse({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != (challenge, form["redirect_uri"]):
            return JSONResponse({"error": "invalid_grant"}, 400)
        tokens = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**tokens, "id_token": self.id_token(asked["nonce"])})


@asynccontextmanager
async def scripted_oidc() -> AsyncGenerator[ScriptedOidc]:
    """Run a provider while the block runs."""
    provider = ScriptedOidc()
    methods = ["GET", "POST"]
    async with serving(Starlette(routes=[Route("/{path:path}", provider.handle, methods=methods)]), provider.port):
        yield provider
