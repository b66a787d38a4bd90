"""The sessions of the user: where the user is signed in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Security
from pydantic import BaseModel, Field

from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.deps import Address, OpenBackend
from streaming_app.backend.api.v1.conditional_requests import ConditionalRoute
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.api.v1.identity import Caller, signed_in

router = APIRouter(prefix="/me/sessions", tags=["sessions"], route_class=ConditionalRoute)


class SessionResource(BaseModel):
    """A browser in which the user is signed in."""

    id: str = Field(description="Identifies the session in this list.", examples=["9f2c4b7d1e6a8035"])
    device: str = Field(description="Browser and operating system; empty if unknown.", examples=["Firefox on Linux"])
    address: str = Field(description="IP address of the sign-in; of IPv6, the /64 network.", examples=["192.0.2.7"])
    created_at: datetime = Field(description="When the user signed in.")
    seen_at: datetime = Field(description="About when the session was last used.")
    expires_at: datetime = Field(description="When the session ends at the latest.")


class SessionsResource(BaseModel):
    """All sessions of the user."""

    items: list[SessionResource] = Field(description="Newest first.")


@router.get("", summary="List your sessions", responses=problems(401))
async def sessions(
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.SESSIONS_READ])], backend: OpenBackend
) -> SessionsResource:
    """Return where the user is signed in. API tokens are not sessions, and are not in this list."""
    found = await backend.accounts.sessions.list_by_user(caller.user)
    return SessionsResource(
        items=[
            SessionResource(
                id=each.public_id,
                device=each.device,
                address=each.address,
                created_at=each.created_at,
                seen_at=each.seen_at or each.created_at,
                expires_at=each.expires_at,
            )
            for each in found
        ]
    )


@router.delete("/{session_id}", status_code=204, summary="End a session", responses=problems(401, 404))
async def end_session(
    session_id: Annotated[str, Path(max_length=64, description="`id` of a session in the list.")],
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.SESSIONS_WRITE])],
    backend: OpenBackend,
    address: Address,
) -> None:
    """Sign one browser out. Its open pages lose the user's rights within two seconds."""
    await backend.accounts.sessions.end_by_user(caller.user, session_id, address)
