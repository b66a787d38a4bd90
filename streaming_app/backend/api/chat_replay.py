"""API of the chat replay: the chat messages of a recording, in pages, from any time on."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from streaming_app.backend.api.deps import OpenBackend
from streaming_app.backend.bootstrap import Backend, now
from streaming_app.backend.bus import position_of
from streaming_app.backend.chat.model import ChatMessage
from streaming_app.backend.media.recordings.model import Recording

PAGE_MAX = 200
"""Maximum number of messages in a page."""

router = APIRouter(prefix="/api/recordings")


class ReplayMessage(BaseModel):
    """A chat message. The fields have the same names as in the feed."""

    id: str
    name: str
    text: str
    at: datetime


class ReplayPage(BaseModel):
    """A page of the chat, oldest message first."""

    messages: list[ReplayMessage]
    complete_to: datetime | None
    """Time up to which this page and the earlier pages contain all messages, or ``null`` if this is the last page."""
    next: str
    """Value of ``after`` for the next page."""


@router.get("/{recording_id}/chat")
async def chat(
    backend: OpenBackend,
    recording_id: str,
    since: AwareDatetime | None = None,
    after: Annotated[int | None, Query(ge=0, lt=1 << 63)] = None,
) -> ReplayPage:
    """Return a page of messages from ``since`` (default: the stream's start), or the page that ``after`` points to."""
    recording = await backend.recordings.find(recording_id)
    asked_at = now()
    page = await _page(backend, recording, since, after)
    until = recording.ended_at or asked_at
    messages = [message for message in page if message.sent_at <= until]
    complete_to = None if recording.ended_at else asked_at
    if len(messages) == PAGE_MAX:
        complete_to = messages[-1].sent_at
    return ReplayPage(
        messages=[ReplayMessage(id=m.message_id, name=m.username, text=m.text, at=m.sent_at) for m in messages],
        complete_to=complete_to,
        next=str(messages[-1].position if messages else after or 0),
    )


async def _page(backend: Backend, recording: Recording, since: datetime | None, after: int | None) -> list[ChatMessage]:
    if after:  # messages from before the stream are not part of its recording
        before = position_of(recording.started_at, 0) - 1
        return await backend.chat.after(recording.channel_id, max(after, before), PAGE_MAX)
    start = max(since or recording.started_at, recording.started_at)
    return await backend.chat.since(recording.channel_id, start, PAGE_MAX)
