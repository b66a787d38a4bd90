"""Reflex's event websocket at its edge: what a browser sends is read here first, what means nothing goes no further.

Reflex and the servers of Socket.IO and Engine.IO below it answer a broken frame with a traceback, some of them with its
words in it. A page of ours never sends one. Whoever does is disconnected, and the log says why in one line that holds
nothing of what was sent.
"""

import inspect
import json
import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, get_type_hints
from urllib.parse import parse_qs

from pydantic import Field, InstanceOf, TypeAdapter, ValidationError
from reflex.constants import Endpoint
from reflex_base.registry import RegisteredEventHandler
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

log = logging.getLogger(__name__)

FRAME_MAX = 64 * 1024
"""Characters in a frame; the largest of ours, a form, has a few thousand."""
UNCALLABLE = frozenset({"setvar"})
"""Events that Reflex gives to every state and that no page of ours calls."""

POLICY_VIOLATION = 1008
"""The close code (RFC 6455, 7.4.1)."""

_CLOSE, _PONG = "1", "3"
_JOIN, _LEAVE, _SAY = (f"4{kind}{Endpoint.EVENT}," for kind in "012")
_TOKEN = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)

Handlers = Mapping[str, RegisteredEventHandler]

_Text = InstanceOf[str]
"""Also with broken characters in it, which the rules of what it is for refuse in better words."""
_Pair = Annotated[list[_Text], Field(min_length=2, max_length=2)]
_Form = dict[_Text, _Text] | dict[Literal["__reflex_form_data__"], list[_Pair]]
"""Reflex's page sends the second, so that fields may share a name."""


class _Router(TypedDict, total=False):
    pathname: _Text
    asPath: _Text
    query: dict[_Text, _Text | list[_Text] | None]
    """Of an address that is no page's, all its parts in one list."""


class _Event(TypedDict, total=False):
    name: Annotated[str, Field(min_length=1)]
    payload: dict[str, Any]
    router_data: _Router


class _Boot(TypedDict, total=False):
    event: _Event | None
    state_schema: str | None


_BOOT, _EVENT = TypeAdapter(_Boot | None), TypeAdapter(_Event)


class BrokenFrameError(Exception):
    """What is wrong with a frame, without a word of it."""


class EventFrames:
    """ASGI middleware around Reflex's app that lets through the sound frames of its event websocket, and all else."""

    def __init__(self, app: ASGIApp, handlers: Handlers) -> None:
        self._app = app
        self._handlers = handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; whose handshake names no tab, or whose frame is broken, is disconnected."""
        if scope["type"] != "websocket" or not scope["path"].startswith(str(Endpoint.EVENT)):
            await self._app(scope, receive, send)
            return
        if not _names_a_tab(scope):
            log.warning("An event websocket was refused: its address names no tab")
            await receive()
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        reader = Reader(self._handlers)

        async def receive_sound() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                try:
                    reader.check(message.get("bytes") or message.get("text") or "")
                except BrokenFrameError as broken:
                    log.warning("An event websocket was closed: %s", broken)
                    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                    return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
            return message

        await self._app(scope, receive_sound, send)


class Reader:
    """What one connection may say next."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._has_joined = False

    def check(self, frame: str | bytes) -> None:
        """Raise ``BrokenFrameError`` unless the frame is one that a page of this site could send now."""
        if len(frame) > FRAME_MAX:
            raise BrokenFrameError(f"a frame has more than {FRAME_MAX} characters")
        if isinstance(frame, bytes):
            raise BrokenFrameError("a frame is binary")
        if frame.startswith(_SAY):
            self._check_message(_parsed(frame.removeprefix(_SAY)))
        elif frame.startswith(_JOIN):
            self._check_join(frame.removeprefix(_JOIN))
        elif frame not in {_CLOSE, _PONG, _LEAVE}:
            raise BrokenFrameError("a frame is none of Socket.IO's that pages send")

    def _check_join(self, auth: str) -> None:
        if self._has_joined:
            raise BrokenFrameError("it joins twice")
        self._has_joined = True
        boot = _valid(_BOOT, _parsed(auth) if auth else None, "a connection's first event")
        if boot and boot.get("event") is not None:
            self._check_event(boot.get("event"))

    def _check_message(self, message: object) -> None:
        if not self._has_joined:
            raise BrokenFrameError("it speaks before it has joined")
        match message:
            case ["event", event]:
                self._check_event(event)
            case ["client_error", dict()]:
                pass
            case _:
                raise BrokenFrameError("a message is neither an event nor a page's error")

    def _check_event(self, raw: object) -> None:
        event = _valid(_EVENT, raw, "an event")
        registered = self._handlers.get(event.get("name", ""))
        if registered is None or registered.handler.fn.__name__ in UNCALLABLE:
            raise BrokenFrameError("there is no event of that name")
        arguments = _arguments_of(registered.handler.fn)
        payload = event.get("payload", {})
        missing = [name for name, (_, is_needed) in arguments.items() if is_needed and name not in payload]
        if missing or payload.keys() - arguments.keys():
            raise BrokenFrameError(f"{registered.handler.fn.__qualname__} takes other arguments")
        for name, value in payload.items():
            _valid(arguments[name][0], value, f"the argument {name} of {registered.handler.fn.__qualname__}")


def _names_a_tab(scope: Scope) -> bool:
    [token] = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[:1]
    return _TOKEN.fullmatch(token) is not None


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenFrameError("a frame is not JSON") from None


def _valid(kind: TypeAdapter[Any], value: object, what: str) -> Any:
    try:
        return kind.validate_python(value, strict=True)
    except ValidationError:
        raise BrokenFrameError(f"{what} has another shape") from None


@cache
def _arguments_of(handler: Callable[..., object]) -> dict[str, tuple[TypeAdapter[Any], bool]]:
    """What an event takes, by name: the type, and whether it has to be there."""
    hints = get_type_hints(handler)
    parameters = list(inspect.signature(handler).parameters.values())[1:]
    return {
        parameter.name: (_adapter(hints.get(parameter.name, Any)), parameter.default is parameter.empty)
        for parameter in parameters
    }


def _adapter(hint: Any) -> TypeAdapter[Any]:
    if hint is str:
        return TypeAdapter(_Text)
    return TypeAdapter(_Form if hint == dict[str, str] else hint)
