"""Posts chat messages for API clients that have a user's token, at the address from before ``/api/v1``."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from streaming_app.backend.accounts.model import ApiToken, User
from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.chat.service import HeldForReview, SentMessage
from streaming_app.backend.errors import ForbiddenError, NotSignedInError

router = APIRouter(prefix="/api")

BEARER = "bearer "
TEXT_MAX = 8_000
"""Maximum length of a request's text. The chat's own limit is lower and has its own error message."""


class MessageRequest(BaseModel):
    """A message to post."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    text: Annotated[str, StringConstraints(max_length=TEXT_MAX)]
    """The message, or a command that starts with ``/``."""
    reply_to: Annotated[str, StringConstraints(max_length=64)] = ""
    """Id of the message that this one replies to."""
    id: Annotated[str, StringConstraints(max_length=64)] = ""
    """The client's own id of the message. A message that is sent again with the same id appears once."""


class MessageResponse(BaseModel):
    """The result of a posted message."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    status: str
    """``said`` if the message was sent, ``held`` if it is held for review, ``done`` if it was a command."""
    id: str | None = None
    """Id of the sent message."""
    note: str = ""
    """Describes the result, except for ``said``."""


TokenUser = tuple[User, ApiToken]


async def chat_token(request: Request, backend: OpenBackend) -> TokenUser:
    """Return the user and the API token of the request. Cookies are ignored.

    Raises ``NotSignedInError``, or ``ForbiddenError`` if the token may not post messages.
    """
    authorization = request.headers.get("authorization", "")
    if not authorization.lower().startswith(BEARER):
        raise NotSignedInError(
            "Send your API token in the header Authorization: Bearer TOKEN. You can create one in the settings."
        )
    user, token = await backend.api_tokens.verify(authorization[len(BEARER) :].strip())
    if not token.allows(TokenScope.CHAT_WRITE):
        raise ForbiddenError(f"This API token lacks the scope {TokenScope.CHAT_WRITE}.")
    return user, token


@router.post("/channels/{channel_id}/messages", status_code=201)
async def post_message(
    channel_id: str,
    message: MessageRequest,
    sender: Annotated[TokenUser, Depends(chat_token)],
    backend: OpenBackend,
    response: Response,
) -> MessageResponse:
    """Post a message under the same rules as on the site: 201 if sent, 202 if held, 200 if it was a command."""
    user, token = sender
    may_moderate = token.allows(TokenScope.CHAT_MODERATE)
    return await posted(backend, response, channel_id, user, message, may_moderate=may_moderate)


async def posted(
    backend: Backend, response: Response, channel_id: str, user: User, message: MessageRequest, *, may_moderate: bool
) -> MessageResponse:
    """Post a message and return the result: 201 if it was sent, 202 if it is held, 200 if it was a command."""
    result = await backend.chat.post(
        channel_id, user.user_id, message.text, message.reply_to, message.id, may_moderate=may_moderate
    )
    if isinstance(result, SentMessage):
        return MessageResponse(status="said", id=result.message_id)
    is_held = isinstance(result, HeldForReview)
    response.status_code = 202 if is_held else 200
    return MessageResponse(status="held" if is_held else "done", note=result.note)
