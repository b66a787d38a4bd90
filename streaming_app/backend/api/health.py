"""Liveness and readiness of the web process, for supervisors, load balancers and monitoring."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.api.readiness import HealthReport, Readiness, readiness_of

router = APIRouter(prefix="/api")


@router.get("/live", status_code=HTTPStatus.NO_CONTENT)
async def live() -> None:
    """Return 204. A process that does not answer has a blocked event loop and should be restarted."""


@router.get("/health")
async def health(request: Request, response: Response, backend: OpenBackend) -> HealthReport:
    """Check what the process depends on, each for a second at most.

    The status is 200 for "ok" and for "degraded" (video suffers, pages and chat work), 503 for "failing".
    """
    state = request.app.state
    readiness: Readiness | None = getattr(state, "readiness", None)
    if readiness is None:
        readiness = state.readiness = readiness_of(backend)
    report = await readiness.report()
    response.headers["Cache-Control"] = "no-store"
    if report.status == "failing":
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    return report
