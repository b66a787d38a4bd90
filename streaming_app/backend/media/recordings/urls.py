"""Paths at the front door: a recording's page, video, picture and chat."""

from streaming_app.backend.streams.urls import channel_page

RECORDINGS = "/r/"
"""The part of the path of a recording's page between the channel's page and the recording's id."""


def recording_page(slug: str, recording_id: str) -> str:
    """The page of a recording of the channel with this slug."""
    return channel_page(slug) + RECORDINGS + recording_id


def recording_playlist(recording_id: str) -> str:
    """The media playlist, which grows while the stream runs."""
    return f"/recordings/{recording_id}/index.m3u8"


def recording_poster(recording_id: str) -> str:
    """The poster of the recording, a JPEG."""
    return f"/recordings/{recording_id}/poster.jpg"


def recording_chat(recording_id: str) -> str:
    """The chat of the recording, page by page, as JSON."""
    return f"/api/recordings/{recording_id}/chat"
