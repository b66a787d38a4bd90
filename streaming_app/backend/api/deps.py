"""FastAPI dependencies: the open backend, the session token and the signed-in user."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.errors import NotOpenError
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.client_addresses import client_address


def backend_of(api: FastAPI) -> Backend:
    """Return the backend in ``api.state.backend``; raises ``NotOpenError`` if it is not open."""
    backend = getattr(api.state, "backend", None)
    if not isinstance(backend, Backend):
        raise NotOpenError
    return backend


async def open_backend(request: Request) -> Backend:
    """Return the open backend; raises ``NotOpenError``."""
    return backend_of(request.app)


OpenBackend = Annotated[Backend, Depends(open_backend)]


async def session_token(request: Request) -> str:
    """Return the session token of the request; empty if there is none."""
    return session_token_in(request.headers.get("cookie", ""))


SessionToken = Annotated[str, Depends(session_token)]


async def address_of(request: Request, backend: OpenBackend) -> str:
    """Return the client's address, as rate limits count it."""
    peer = request.client.host if request.client else ""
    networks = backend.settings.own_networks
    return client_address(peer, request.headers.get("x-forwarded-for", ""), networks)


Address = Annotated[str, Depends(address_of)]


async def verify_user(token: SessionToken, backend: OpenBackend) -> User:
    """Return the signed-in user; raises ``NotSignedInError``."""
    return await backend.accounts.sessions.verify(token)


VerifiedUser = Annotated[User, Depends(verify_user)]
