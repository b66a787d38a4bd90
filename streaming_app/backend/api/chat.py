"""Write in a channel's chat, for programs that hold a user's token. Reading is what the feed is for."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, StringConstraints

from streaming_app.backend.accounts.model import User
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.chat.service import HeldForReview, SentMessage
from streaming_app.backend.errors import NotSignedInError

router = APIRouter(prefix="/api")

BEARER = "bearer "
TEXT_MAX = 8_000
"""Characters that are read at all; the site's own limit is lower and says so in its own words."""


class MessageRequest(BaseModel):
    """What to say."""

    text: Annotated[str, StringConstraints(max_length=TEXT_MAX)]
    reply_to: Annotated[str, StringConstraints(max_length=64)] = ""
    """The id of the message that it answers."""
    id: Annotated[str, StringConstraints(max_length=64)] = ""
    """The program's own id of the message: sent again with the same one, it appears once."""


class MessageResponse(BaseModel):
    """What became of it."""

    status: str
    """``said``; ``held`` when a moderator decides first; ``done`` when it was a command."""
    id: str | None = None
    """Of the message that was said."""
    note: str = ""
    """In words, unless it was simply said."""


async def token_user(request: Request, backend: OpenBackend) -> User:
    """Whose token came with the request; raises ``NotSignedInError``. Cookies count for nothing here."""
    authorization = request.headers.get("authorization", "")
    if not authorization.lower().startswith(BEARER):
        raise NotSignedInError(
            "Send your API token in the header Authorization: Bearer TOKEN. You can create one in the studio."
        )
    try:
        return await backend.api_tokens.verify(authorization[len(BEARER) :].strip())
    except NotSignedInError:
        raise NotSignedInError("This API token is invalid or was revoked.") from None


@router.post("/channels/{channel_id}/messages", status_code=201)
async def post_message(
    channel_id: str,
    message: MessageRequest,
    user: Annotated[User, Depends(token_user)],
    backend: OpenBackend,
    response: Response,
) -> MessageResponse:
    """Say it, by the same rules as on the site: 201 said, 202 held for review, 200 when it was a command."""
    result = await backend.chat.post(channel_id, user.user_id, message.text, message.reply_to, message.id)
    if isinstance(result, SentMessage):
        return MessageResponse(status="said", id=result.message_id)
    is_held = isinstance(result, HeldForReview)
    response.status_code = 202 if is_held else 200
    return MessageResponse(status="held" if is_held else "done", note=result.note)
