"""The chat of a channel: its history, and new messages."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response, Security
from pydantic import BaseModel, ConfigDict, Field

from streaming_app.backend.accounts.token_scopes import TokenScope
from streaming_app.backend.api.chat import MessageRequest, MessageResponse, posted
from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.api.v1.channels import Slug
from streaming_app.backend.api.v1.conditional_requests import ConditionalRoute
from streaming_app.backend.api.v1.error_responses import problems
from streaming_app.backend.api.v1.identity import Caller, signed_in
from streaming_app.backend.api.v1.pages import Page, Pagination, decode
from streaming_app.backend.chat.model import ChatMessage, Role

router = APIRouter(prefix="/channels/{slug}/messages", tags=["chat"], route_class=ConditionalRoute)


class QuoteResource(BaseModel):
    """The message that a reply quotes."""

    id: str
    username: str = Field(examples=["Bob"])
    text: str = Field(description="The beginning of its text; empty if it was deleted.", examples=["What time is it?"])


class MessageResource(BaseModel):
    """A chat message."""

    id: str = Field(examples=["2f9b1c66"])
    username: str = Field(description="The author.", examples=["Ann"])
    role: Role = Field(description="The author's role in this chat when the message was sent.")
    text: str = Field(examples=["hello"])
    sent_at: datetime
    reply_to: QuoteResource | None = Field(description="The message that this one replies to, if any.")


class NewMessage(MessageRequest):
    """A message to post."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"text": "hello"}]})


@router.get("", summary="List chat messages", responses=problems(404))
async def messages(slug: Slug, backend: OpenBackend, pagination: Pagination) -> Page[MessageResource]:
    """Return the chat of a channel, newest first, without deleted messages. For new messages, use the live feed."""
    place = decode(pagination.cursor, int)
    channel = await backend.channels.by_slug(slug)
    if place:
        oldest_first = await backend.chat.before(channel.channel_id, place[0], pagination.limit + 1)
    else:
        oldest_first = await backend.chat.recent(channel.channel_id, pagination.limit + 1)
    items, following = pagination.page_of(oldest_first[::-1], _place)
    return Page(items=[_message(each) for each in items], next=following)


@router.post(
    "",
    status_code=201,
    summary="Post a chat message",
    responses={
        200: {"model": MessageResponse, "description": "The text was a command. `note` describes the result."},
        202: {"model": MessageResponse, "description": "The message is held for review by a moderator."},
        **problems(401, 404, 409),
    },
)
async def post_message(
    slug: Slug,
    message: NewMessage,
    caller: Annotated[Caller, Security(signed_in, scopes=[TokenScope.CHAT_WRITE])],
    backend: OpenBackend,
    response: Response,
) -> MessageResponse:
    """Post a message under the same rules as on the site.

    Texts that start with `/` are commands; those of moderators need the scope `chat:moderate` too.
    """
    channel = await backend.channels.by_slug(slug)
    may_moderate = caller.may(TokenScope.CHAT_MODERATE)
    return await posted(backend, response, channel.channel_id, caller.user, message, may_moderate=may_moderate)


def _message(message: ChatMessage) -> MessageResource:
    quote = message.reply_to
    return MessageResource(
        id=message.message_id,
        username=message.username,
        role=message.role,
        text=message.text,
        sent_at=message.sent_at,
        reply_to=quote and QuoteResource(id=quote.message_id, username=quote.username, text=quote.text),
    )


def _place(message: ChatMessage) -> list[Any]:
    return [message.position]
