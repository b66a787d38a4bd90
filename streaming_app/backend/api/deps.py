"""What routes depend on: the open backend, and who is asking."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request

from streaming_app.backend.accounts.cookies import session_token_in
from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.errors import NotOpenError
from streaming_app.backend.bootstrap import Backend


def backend_of(api: FastAPI) -> Backend:
    """The backend that the process has opened as ``api.state.backend``; raises ``NotOpenError`` while it has none."""
    backend = getattr(api.state, "backend", None)
    if not isinstance(backend, Backend):
        raise NotOpenError
    return backend


async def open_backend(request: Request) -> Backend:
    """Raises ``NotOpenError``."""
    return backend_of(request.app)


OpenBackend = Annotated[Backend, Depends(open_backend)]


async def session_token(request: Request) -> str:
    """The session token that came with the request; empty when there was none."""
    return session_token_in(request.headers.get("cookie", ""))


SessionToken = Annotated[str, Depends(session_token)]


async def verify_user(token: SessionToken, backend: OpenBackend) -> User:
    """Who is asking; raises ``NotSignedInError``. A route that depends on it is for signed-in users only."""
    return await backend.accounts.verify(token)


VerifiedUser = Annotated[User, Depends(verify_user)]
