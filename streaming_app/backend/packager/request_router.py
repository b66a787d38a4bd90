"""Routes requests to the packager by their address."""

import re
from functools import lru_cache, partial

from pydantic import TypeAdapter, ValidationError

from streaming_app.backend.media.playback_reports import PlaybackReport
from streaming_app.backend.media.stream_health import IngestHealth
from streaming_app.backend.media.window_snapshot import WindowSnapshot
from streaming_app.backend.packager import http_responses
from streaming_app.backend.packager.http_connection import Cancel, Send
from streaming_app.backend.packager.live_channel import LiveChannel
from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.rtmp_callback_form import parse_callback_form
from streaming_app.backend.streams.pasted_stream_key import repair_pasted_stream_key

NOT_LIVE = "This channel is not live."
LATER = "Nothing to play now. Ask again in a moment, or play /hls/ instead."
NO_KEYFRAME = "This stream has had no keyframe for too long. Play /hls/ instead."
DIGITS_MAX = 15
_HEALTH = TypeAdapter(IngestHealth)
_REPORT = TypeAdapter(PlaybackReport)
_WINDOW = TypeAdapter(WindowSnapshot)
_READERS_PREFIX = re.compile(r"/for/([0-9]{1,9})(/.*)")
REQUESTS_CACHED = 256
"""Parsed URLs that are cached: all players at the live edge send the same ones."""


class RequestRouter:
    """Routes HTTP requests to the packager.

    - ``GET /ll/<channel>/index.m3u8``: the multivariant playlist.
    - ``GET /ll/<channel>/<rendition>/index.m3u8``: a media playlist, with the delivery directives ``_HLS_msn``,
      ``_HLS_part`` and ``_HLS_skip``.
    - ``GET /ll/<channel>/<rendition>/<file>``: a part that a preload hint has named.
    - ``GET /health/<channel>``: how the channel's stream arrives, as JSON.
    - ``GET /window/<channel>``: the segments of the source rendition, as JSON, for the recorder.
    - ``POST /hls/<channel>/playback``: a player's report, as JSON (``PlaybackReport``).
    - ``POST /rtmp/on_publish``: nginx-rtmp's callback, after the web process has accepted the publisher. The response
      is sent once the packager receives the publisher's frames.

    Each address may have the prefix ``/for/<readers>``: nginx makes one request for all viewers who wait for the same
    playlist, and reports how many waited for the previous one.
    """

    def __init__(self, packager: Packager) -> None:
        self._packager = packager

    def handle(self, method: str, url: bytes, body: bytes, send: Send) -> Cancel | None:
        readers, path, query = _parse_url(url)
        match (method, path):
            case ("POST", ["", "rtmp", "on_publish"]):
                pasted, name = _parse_names(body)
                answer = http_responses.no_content() if pasted == name else http_responses.redirect(name)
                return self._packager.on_publish(name, partial(send, answer))
            case ("POST", ["", "hls", channel_id, "playback"]):
                send(self._add_report(channel_id, body))
            case ("GET", ["", "health", channel_id]):
                send(self._health(channel_id))
            case ("GET", ["", "window", channel_id]):
                send(self._window(channel_id))
            case ("GET", ["", "ll", channel_id, "index.m3u8"]):
                send(self._multivariant(channel_id))
            case ("GET", ["", "ll", channel_id, rendition, name]):
                return self._request_rendition(channel_id, rendition, name, query, send, readers)
            case ("GET" | "POST", _):
                send(http_responses.error(404, "There is no such path."))
            case _:
                send(http_responses.error(405, "Use GET."))
        return None

    def _health(self, channel_id: str) -> bytes:
        health = self._packager.health(channel_id)
        return (
            http_responses.json_document(_HEALTH.dump_json(health)) if health else http_responses.error(404, NOT_LIVE)
        )

    def _add_report(self, channel_id: str, body: bytes) -> bytes:
        channel = self._packager.channel(channel_id)
        if channel is None:
            return http_responses.error(404, NOT_LIVE)
        try:
            channel.playback.add(_REPORT.validate_json(body))
        except ValidationError:
            return http_responses.error(400, "This is not a playback report.")
        return http_responses.no_content()

    def _window(self, channel_id: str) -> bytes:
        channel = self._packager.channel(channel_id)
        if channel is None:
            return http_responses.error(404, NOT_LIVE)
        return http_responses.json_document(_WINDOW.dump_json(channel.window.snapshot()))

    def _multivariant(self, channel_id: str) -> bytes:
        channel = self._packager.channel(channel_id)
        if channel is None:
            return http_responses.error(404, NOT_LIVE)
        text = channel.multivariant()
        return http_responses.playlist(text, cache=http_responses.CACHE_BRIEFLY) if text else _not_playable(channel)

    def _request_rendition(
        self, channel_id: str, rendition: str, name: str, query: str, send: Send, readers: int
    ) -> Cancel | None:
        channel = self._packager.channel(channel_id)
        server = channel.rendition(rendition) if channel else None
        if channel is None or server is None:
            send(http_responses.error(404, NOT_LIVE))
            return None
        if name != "index.m3u8":
            return server.request_file(name, send)
        try:
            number, part, skips = _parse_directives(query)
        except ValueError as wrong:
            send(http_responses.error(400, str(wrong)))
            return None
        if channel.is_stalled and (number is None or channel.lacks_keyframes):
            send(_not_playable(channel))
            return None
        return server.request_playlist(number, part, skips=skips, send=send, readers=readers)


def _not_playable(channel: LiveChannel) -> bytes:
    """Return why a live channel has no low-latency playlist."""
    return http_responses.error(404, NO_KEYFRAME if channel.lacks_keyframes else LATER)


def _parse_names(body: bytes) -> tuple[str, str]:
    """Return the stream's name as the publisher entered it, and normalized. Both are empty for an invalid body."""
    try:
        form = parse_callback_form(body)
    except ValueError:
        return "", ""
    return form.get("name", ""), repair_pasted_stream_key(form).get("name", "")


@lru_cache(REQUESTS_CACHED)
def _parse_url(url: bytes) -> tuple[int, list[str], str]:
    """Return the number of readers, the segments of the path, and the query."""
    path, _, query = url.decode("latin-1").partition("?")
    prefixed = _READERS_PREFIX.fullmatch(path)
    readers, path = (int(prefixed[1]), prefixed[2]) if prefixed else (1, path)
    return readers, path.split("/"), query


@lru_cache(REQUESTS_CACHED)
def _parse_directives(query: str) -> tuple[int | None, int | None, bool]:
    """Parse the delivery directives (6.2.5). Raises ``ValueError`` with a message for the client."""
    number = part = None
    skips = False
    for directive in query.split("&"):
        name, _, value = directive.partition("=")
        if name == "_HLS_msn":
            number = _parse_number(name, value)
        elif name == "_HLS_part":
            part = _parse_number(name, value)
        elif name == "_HLS_skip":
            skips = value in {"YES", "v2"}
    if part is not None and number is None:
        message = "_HLS_part needs _HLS_msn."
        raise ValueError(message)
    return number, part, skips


def _parse_number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= DIGITS_MAX):
        message = f"{name} must be a whole number."
        raise ValueError(message)
    return int(value)
