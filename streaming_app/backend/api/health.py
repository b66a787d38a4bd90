"""Whether the process can do its work, for supervisors and load balancers."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from streaming_app.backend.api.deps import OpenBackend

router = APIRouter(prefix="/api")


class Health(BaseModel):
    """Said only when the store has just answered; everything else is an error status."""

    status: Literal["ok"] = "ok"
    live: int
    """Streams on the air."""


@router.get("/health")
async def health(backend: OpenBackend) -> Health:
    """Ask the store something, and say that it answered."""
    return Health(live=len(await backend.streams.live()))
