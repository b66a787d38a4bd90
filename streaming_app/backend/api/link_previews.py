"""Renders the heads of pages for link previews and search engines: title, description and picture."""

import re
from collections.abc import Awaitable, Callable, Mapping
from html import escape

from pydantic import AnyHttpUrl
from starlette.requests import Request

from streaming_app.backend.accounts.same_origin import asked_origin
from streaming_app.backend.api.early_playback import early_playback_script
from streaming_app.backend.bootstrap import Backend
from streaming_app.backend.media.recordings.urls import recording_page, recording_poster
from streaming_app.backend.streams.model import Channel, Stream, StreamState
from streaming_app.backend.streams.urls import channel_page, channel_picture, live_video_paths

PageHead = Callable[[Backend, Mapping[str, str], str], Awaitable[str]]
"""Returns the head of a page, escaped, from the parameters in its path and the base URL of the site.

Raises ``NotFoundError`` if there is no such channel or recording.
"""
SITE_NAME = "streaming_app"

_UNLISTED = '<meta name="robots" content="noindex"/>'
NOT_FOUND_HEAD = f"<title>Not found · {SITE_NAME}</title>{_UNLISTED}"
SIGNED_IN_HEAD = '<meta name="session" content="yes"/>'
"""Tag for style sheets: the browser has a session cookie (``.for-visitors`` in assets/styles/base.css)."""

_TITLE = re.compile(rb"<title[^>]*>.*?</title>", re.DOTALL | re.IGNORECASE)
_HEAD_START = re.compile(rb'<head>(?:<meta charset="[^"]*"/?>)?', re.IGNORECASE)
_HEAD_END = b"</head>"


def base_url(request: Request, public_url: AnyHttpUrl | None) -> str:
    """Return the public URL of the site without a trailing slash: ``public_url``, or else the request's origin."""
    if public_url:
        return str(public_url).rstrip("/")
    headers = request.headers
    asked = asked_origin(headers.get("host", ""), headers.get("x-forwarded-proto", ""), request.url.scheme)
    return str(asked or "")


async def channel_head(backend: Backend, parameters: Mapping[str, str], base: str) -> str:
    """Return the title, description, Open Graph and Twitter tags of a channel.

    The head of a live channel also has the paths of its video, so that the player need not wait for the page's state,
    and the script that plays it before the app has loaded.
    """
    channel, latest = await backend.streams.with_channel(parameters["slug"])
    stream = None if latest is None or latest.ended_at else latest
    words = stream or channel
    title = f"{words.title} · {channel.name}"
    description = _description(channel, stream)
    address = base + channel_page(channel.slug)
    picture = base + channel_picture(channel)
    head = _head(title, description, address, picture, f"A picture of {channel.name}'s stream")
    if stream is None or stream.state is not StreamState.LIVE:
        return head
    return head + _named("live-video", " ".join(live_video_paths(channel))) + early_playback_script()


async def recording_head(backend: Backend, parameters: Mapping[str, str], base: str) -> str:
    """Return the title, description, Open Graph and Twitter tags of a recording."""
    channel, recording = await backend.recordings.get(parameters["slug"], parameters["recording_id"])
    return _head(
        f"{recording.title} · {channel.name}",
        f"A recording of {channel.name}'s stream of {recording.started_at:%d %B %Y}, with its chat.",
        base + recording_page(channel.slug, recording.recording_id),
        base + recording_poster(recording.recording_id),
        f"A picture of {channel.name}'s recording",
    ) + _property("video:duration", str(round(recording.seconds)))


async def chat_head(backend: Backend, parameters: Mapping[str, str], base: str) -> str:
    """Return the head of a channel's separate chat page. The canonical link is the channel's page."""
    channel = await backend.channels.by_slug(parameters["slug"])
    return _head(
        f"{channel.name}'s chat",
        f"The live chat of {channel.name}'s channel.",
        base + channel_page(channel.slug),
        base + channel_picture(channel),
        f"A picture of {channel.name}'s stream",
    )


async def overlay_head(backend: Backend, parameters: Mapping[str, str], _base: str) -> str:
    """Return the head of the chat overlay, which is for encoders. It keeps search engines away."""
    channel = await backend.channels.by_slug(parameters["slug"])
    title = f"{channel.name}'s chat overlay · {SITE_NAME}"
    return f"<title>{escape(title)}</title>{_UNLISTED}"


async def moderation_head(backend: Backend, parameters: Mapping[str, str], _base: str) -> str:
    """Return the head of a channel's moderation page. It keeps search engines away."""
    channel = await backend.channels.by_slug(parameters["slug"])
    title = f"<title>{escape(f'Moderation · {channel.name}')} · {SITE_NAME}</title>"
    return f"{title}{_UNLISTED}"


def with_head(document: bytes, head: str, links: str = "") -> bytes:
    """Insert ``head`` at the start of the head of ``document``, and ``links`` at its end.

    A title in ``head`` replaces the document's title. Scripts in ``head`` run before style sheets are loaded.
    """
    before, end, after = document.partition(_HEAD_END)
    start = _HEAD_START.search(before)
    if not end or start is None:
        return document
    own = before[start.end() :]
    if "<title" in head:
        own = _TITLE.sub(b"", own)
    return before[: start.end()] + head.encode(errors="replace") + own + links.encode() + end + after


def _head(title: str, description: str, address: str, picture: str, alt: str) -> str:
    tags = [
        f"<title>{escape(title)} · {SITE_NAME}</title>",
        f'<link rel="canonical" href="{escape(address)}"/>',
        _named("description", description),
        _property("og:site_name", SITE_NAME),
        _property("og:type", "video.other"),
        _property("og:title", title),
        _property("og:description", description),
        _property("og:url", address),
        _property("og:image", picture),
        _property("og:image:alt", alt),
        _named("twitter:card", "summary_large_image"),
        _named("twitter:title", title),
        _named("twitter:description", description),
        _named("twitter:image", picture),
    ]
    return "".join(tags)


def _description(channel: Channel, stream: Stream | None) -> str:
    state = stream.state if stream else StreamState.OFFLINE
    category = (stream or channel).category
    about = f" in {category}" if category else ""
    if state == StreamState.OFFLINE:
        return f"{channel.name} streams here{about}. Offline right now; the chat is open."
    return f"{channel.name} is live{about}. Watch, and join the chat."


def _named(name: str, content: str) -> str:
    return f'<meta name="{name}" content="{escape(content)}"/>'


def _property(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{escape(content)}"/>'
