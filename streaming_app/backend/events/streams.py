"""Events about streams, their publishers and their viewers."""

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from streaming_app.backend.events.base import STREAMS_TOPIC, VIEWS_TOPIC, ChannelEvent


class StreamStarted(ChannelEvent):
    """A publisher was accepted and a new stream started at ``at``."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamStarted"] = "StreamStarted"

    stream_id: str
    title: str
    category: str
    slug: str = ""
    """The slug of the channel in its URL."""
    name: str = ""
    """The display name of the channel."""


class StreamUpdated(ChannelEvent):
    """The title, the category or the connection state of a running stream changed."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamUpdated"] = "StreamUpdated"

    stream_id: str
    title: str
    category: str
    publisher_connected: bool
    started_at: AwareDatetime | None = None


class StreamEnded(ChannelEvent):
    """A stream ended."""

    topic: ClassVar[str] = STREAMS_TOPIC
    type: Literal["StreamEnded"] = "StreamEnded"

    stream_id: str
    duration_seconds: float
    title: str = ""
    category: str = ""
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    """Earlier than ``at`` if the publisher disconnected and did not return: the time it was last seen."""
    by_owner: bool = False
    """Whether the owner ended the stream."""


class PublisherRefused(ChannelEvent):
    """A publisher was refused for this channel. Published at most a few times a minute for each channel."""

    topic: ClassVar[str] = VIEWS_TOPIC
    type: Literal["PublisherRefused"] = "PublisherRefused"

    address: str
    """IP address of the publisher. Only shown to the channel's owner."""
    software: str
    reason: str
    """Text for the owner."""


class ViewersCounted(ChannelEvent):
    """The viewers of one channel in one web process. A viewer in two processes counts as one.

    A viewer is identified by ``@`` and the username, or by an anonymous id.
    """

    topic: ClassVar[str] = VIEWS_TOPIC
    type: Literal["ViewersCounted"] = "ViewersCounted"

    process_id: str
    viewers: int = Field(ge=0)
    """Number of distinct viewers in this process."""
    whole: bool = False
    """Whether ``came`` lists all viewers, so that earlier events of this process no longer count."""
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()
