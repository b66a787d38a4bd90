"""What each address of the packager means."""

import re
from dataclasses import asdict
from functools import lru_cache, partial

from streaming_app.backend.form import first_fields
from streaming_app.backend.packager import answers
from streaming_app.backend.packager.channel import Channel
from streaming_app.backend.packager.connection import Send, TakeBack
from streaming_app.backend.packager.packager import Packager
from streaming_app.backend.streams.pasted import tidied

NOT_LIVE = "This channel is not live."
LATER = "Nothing to play now. Ask again in a moment, or play /hls/ instead."
NO_KEYFRAME = "This stream has had no keyframe for too long. Play /hls/ instead."
DIGITS_MAX = 15
_FOR_MANY = re.compile(r"/for/([0-9]{1,9})(/.*)")
QUESTIONS_KEPT = 256
"""Everybody at the live edge asks the same."""


class Desk:
    """Implements ``connection.Desk``.

    ``GET /ll/<channel>/index.m3u8``, the multivariant playlist; ``…/<rendition>/index.m3u8``, a media playlist, with
    ``_HLS_msn``, ``_HLS_part`` and ``_HLS_skip``; ``…/<rendition>/<file>``, a part that is hinted at.
    ``GET /health/<channel>`` says how it arrives; ``POST /rtmp/on_publish`` is nginx-rtmp's callback, once the web
    process has said yes: when it is answered, the publisher may send.

    Before each there may be ``/for/<readers>``: who asks does so for that many, who waited with it last time.
    """

    def __init__(self, packager: Packager) -> None:
        self._packager = packager

    def ask(self, method: str, url: bytes, body: bytes, send: Send) -> TakeBack | None:
        readers, path, query = _address(url)
        match (method, path):
            case ("POST", ["", "rtmp", "on_publish"]):
                pasted, name = _names(body)
                answer = answers.done() if pasted == name else answers.renamed(name)
                return self._packager.publisher_arrives(name, partial(send, answer))
            case ("GET", ["", "health", channel_id]):
                send(self._health(channel_id))
            case ("GET", ["", "ll", channel_id, "index.m3u8"]):
                send(self._multivariant(channel_id))
            case ("GET", ["", "ll", channel_id, rendition, name]):
                return self._ask_rendition(channel_id, rendition, name, query, send, readers)
            case ("GET" | "POST", _):
                send(answers.refusal(404, "There is nothing here."))
            case _:
                send(answers.refusal(405, "Use GET."))
        return None

    def _health(self, channel_id: str) -> bytes:
        health = self._packager.health(channel_id)
        return answers.document(asdict(health)) if health else answers.refusal(404, NOT_LIVE)

    def _multivariant(self, channel_id: str) -> bytes:
        channel = self._packager.channel(channel_id)
        if channel is None:
            return answers.refusal(404, NOT_LIVE)
        text = channel.multivariant()
        return answers.playlist(text, cache=answers.KEPT_BRIEFLY) if text else _refusal(channel)

    def _ask_rendition(
        self, channel_id: str, rendition: str, name: str, query: str, send: Send, readers: int
    ) -> TakeBack | None:
        channel = self._packager.channel(channel_id)
        shelf = channel.shelf(rendition) if channel else None
        if channel is None or shelf is None:
            send(answers.refusal(404, NOT_LIVE))
            return None
        if name != "index.m3u8":
            return shelf.ask_file(name, send)
        try:
            number, part, skips = _directives(query)
        except ValueError as wrong:
            send(answers.refusal(400, str(wrong)))
            return None
        if channel.is_stalled and (number is None or channel.lacks_keyframes):
            send(_refusal(channel))
            return None
        return shelf.ask_playlist(number, part, skips=skips, send=send, readers=readers)


def _refusal(channel: Channel) -> bytes:
    """Why there is no low-latency playlist of a channel that is live."""
    return answers.refusal(404, NO_KEYFRAME if channel.lacks_keyframes else LATER)


def _names(body: bytes) -> tuple[str, str]:
    """The stream's name as the publisher pasted it and as it is meant; both empty when the body is no form."""
    try:
        form = first_fields(body)
    except ValueError:
        return "", ""
    return form.get("name", ""), tidied(form).get("name", "")


@lru_cache(QUESTIONS_KEPT)
def _address(url: bytes) -> tuple[int, list[str], str]:
    """For how many is asked, the path, in pieces, and the query."""
    path, _, query = url.decode("latin-1").partition("?")
    for_many = _FOR_MANY.fullmatch(path)
    readers, path = (int(for_many[1]), for_many[2]) if for_many else (1, path)
    return readers, path.split("/"), query


@lru_cache(QUESTIONS_KEPT)
def _directives(query: str) -> tuple[int | None, int | None, bool]:
    """The delivery directives (6.2.5); raises ``ValueError`` that says what is wrong."""
    number = part = None
    skips = False
    for directive in query.split("&"):
        name, _, value = directive.partition("=")
        if name == "_HLS_msn":
            number = _number(name, value)
        elif name == "_HLS_part":
            part = _number(name, value)
        elif name == "_HLS_skip":
            skips = value in {"YES", "v2"}
    if part is not None and number is None:
        message = "_HLS_part needs _HLS_msn."
        raise ValueError(message)
    return number, part, skips


def _number(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= DIGITS_MAX):
        message = f"{name} must be a whole number."
        raise ValueError(message)
    return int(value)
