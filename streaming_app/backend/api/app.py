"""Creates the API, a FastAPI app that is mounted in front of Reflex (``api_transformer`` of ``rx.App``)."""

from fastapi import APIRouter, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from streaming_app.backend.accounts.same_origin import OwnPages
from streaming_app.backend.api import (
    account_export,
    auth,
    avatars,
    chat,
    chat_replay,
    chatters,
    development_mailbox,
    emotes,
    health,
    live_channels,
    provider_sign_in,
    rtmp_callbacks,
)
from streaming_app.backend.api.errors import map_errors
from streaming_app.backend.api.request_checks import ApiGuard
from streaming_app.backend.api.v1.router import router as v1_router

_ROUTERS = (
    account_export.router,
    auth.router,
    provider_sign_in.router,
    live_channels.router,
    chat.router,
    chatters.router,
    emotes.router,
    avatars.router,
    health.router,
    chat_replay.router,
    rtmp_callbacks.router,
    development_mailbox.router,
    v1_router,
)
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""FastAPI's own spans contain paths and queries. ``TracedRequests`` creates others."""


def create_api(own_pages: OwnPages | None = None) -> FastAPI:
    """Create the API. It answers 503 until a lifespan task sets ``api.state.backend``.

    Browsers may change data only from ``own_pages``.
    """
    api = FastAPI(
        title="streaming_app", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json", telemetry=_NO_TELEMETRY
    )
    map_errors(api)
    api.add_middleware(ApiGuard, own_pages=own_pages or OwnPages())
    for router in _ROUTERS:
        api.include_router(router)
    api.include_router(_not_found_router())
    return api


def _not_found_router() -> APIRouter:
    """Answer 404 or 405 for unknown paths below ``/api/``, which would otherwise be handled as pages."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/api/{path:path}", methods=[*_METHODS, "OPTIONS", "TRACE"])
    async def nowhere(request: Request) -> None:
        allowed = _allowed_methods(request.scope)
        raise HTTPException(405, headers={"allow": ", ".join(allowed)}) if allowed else HTTPException(404)

    return router


def _allowed_methods(scope: Scope) -> list[str]:
    routes = [route for router in _ROUTERS for route in router.routes]
    return sorted(
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in routes)
    )
