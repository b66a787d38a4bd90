"""Validates the frames that browsers send over Reflex's event websocket."""

import inspect
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeGuard, cast, get_type_hints

from pydantic import Field, InstanceOf, TypeAdapter, ValidationError
from reflex.constants import Endpoint
from reflex_base.registry import RegisteredEventHandler
from typing_extensions import TypedDict  # pydantic requires it before Python 3.12

FRAME_MAX = 64 * 1024
"""Maximum number of bytes in a frame. The largest frame of our pages, a form, has a few thousand bytes."""
ROUTER_DATA_MAX = 32 * 1024
"""Maximum number of bytes of an event's ``router_data``, which repeats the page's URL in several forms."""
ID_MAX = 64
"""Maximum number of bytes of an argument that is an identifier."""
ARGUMENT_MAX = 1024
"""Maximum number of bytes of any other text argument, such as a reason. A tab's state may store it."""
FORBIDDEN_EVENTS = frozenset({"setvar"})
"""Events that Reflex adds to every state, and that our pages do not use."""
TRACE_FIELDS = frozenset({"traceparent", "tracestate"})
"""Fields of an event by which a browser could add to any trace. Our pages do not send them."""

_NAMES = frozenset({"state", "action", "latency", "reply_to", "minutes"})
"""Arguments that are identifiers, in addition to those whose name ends in ``_id``."""
_LONG = frozenset({"text", "info", "component_stack", "passkey_answer"})
"""Arguments that may fill a whole frame: a chat message, a page's error, what a passkey has signed."""

_CLOSE, _PONG = "1", "3"
_JOIN, _LEAVE, _SAY = (f"4{kind}{Endpoint.EVENT}," for kind in "012")

Handlers = Mapping[str, RegisteredEventHandler]

_Text = InstanceOf[str]
"""Accepts invalid Unicode too: the rules of each field report it with a better message."""
_Pair = Annotated[list[_Text], Field(min_length=2, max_length=2)]
_Form = dict[_Text, _Text] | dict[Literal["__reflex_form_data__"], list[_Pair]]
"""Reflex's pages send the second form, in which several fields may have the same name."""


class _RouterData(TypedDict, total=False):
    pathname: _Text
    asPath: _Text
    query: dict[_Text, _Text | list[_Text] | None]
    """For the URL of an unknown page, a list of all its segments."""


class _EventFrame(TypedDict, total=False):
    name: Annotated[str, Field(min_length=1)]
    payload: dict[str, Any]
    router_data: _RouterData


class _ConnectFrame(TypedDict, total=False):
    event: _EventFrame | None
    state_schema: str | None


_BOOT, _EVENT = TypeAdapter(_ConnectFrame | None), TypeAdapter(_EventFrame)


class BrokenFrameError(Exception):
    """An invalid frame. The message says what is wrong and contains nothing of the frame."""


class EventFrameReader:
    """Checks the frames of one connection, in their order."""

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers
        self._has_joined = False

    def check(self, frame: str | bytes) -> str:
        """Check a frame and return the name of its event; empty if it has none.

        Raises ``BrokenFrameError`` unless a page of this site could send the frame now.
        """
        if len(frame) > FRAME_MAX:
            raise BrokenFrameError(f"a frame has more than {FRAME_MAX} bytes")
        if isinstance(frame, bytes):
            raise BrokenFrameError("a frame is binary")
        if _bytes_of(frame) > FRAME_MAX:
            raise BrokenFrameError(f"a frame has more than {FRAME_MAX} bytes")
        event = ""
        if frame.startswith(_SAY):
            event = self._check_message(_parsed(frame.removeprefix(_SAY)))
        elif frame.startswith(_JOIN):
            event = self._check_join(frame.removeprefix(_JOIN))
        elif frame not in {_CLOSE, _PONG, _LEAVE}:
            raise BrokenFrameError("a frame is not a Socket.IO frame that pages send")
        if event not in frame:
            raise BrokenFrameError("the name of an event has escapes")
        return event

    def _check_join(self, auth: str) -> str:
        if self._has_joined:
            raise BrokenFrameError("it joins twice")
        self._has_joined = True
        boot = _valid(_BOOT, _parsed(auth) if auth else None, "the first event of a connection")
        return self._check_event(boot.get("event")) if boot and boot.get("event") is not None else ""

    def _check_message(self, message: object) -> str:
        if not self._has_joined:
            raise BrokenFrameError("it sends an event before it has joined")
        match message:
            case ["event", event]:
                return self._check_event(event)
            case ["client_error", dict()]:
                return ""
            case _:
                raise BrokenFrameError("a message is neither an event nor an error report of a page")

    def _check_event(self, raw: object) -> str:
        event = _valid(_EVENT, raw, "an event")
        if isinstance(raw, dict) and TRACE_FIELDS & cast("dict[str, object]", raw).keys():
            raise BrokenFrameError("an event belongs to a trace")
        if _bytes_of(json.dumps(event.get("router_data", {}), ensure_ascii=False)) > ROUTER_DATA_MAX:
            raise BrokenFrameError(f"the router data of an event has more than {ROUTER_DATA_MAX} bytes")
        event_name = event.get("name", "")
        registered = self._handlers.get(event_name)
        if registered is None or registered.handler.fn.__name__ in FORBIDDEN_EVENTS:
            raise BrokenFrameError("there is no event of that name")
        arguments = _arguments_of(registered.handler.fn)
        payload = event.get("payload", {})
        missing = [name for name, (_, is_needed) in arguments.items() if is_needed and name not in payload]
        if missing or payload.keys() - arguments.keys():
            raise BrokenFrameError(f"{registered.handler.fn.__qualname__} has different arguments")
        for name, value in payload.items():
            what = f"the argument {name} of {registered.handler.fn.__qualname__}"
            _valid(arguments[name][0], value, what)
            if isinstance(value, str) and _bytes_of(value) > (most := _most_bytes(name)):
                raise BrokenFrameError(f"{what} has more than {most} bytes")
        return event_name


def may_have_event(frame: str | bytes) -> TypeGuard[str]:
    """Whether a frame that is not checked yet may have an event, judged by its beginning."""
    return isinstance(frame, str) and frame.startswith((_SAY, f"{_JOIN}{{"))


def _bytes_of(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _most_bytes(argument: str) -> int:
    if argument in _LONG:
        return FRAME_MAX
    return ID_MAX if argument.endswith("_id") or argument in _NAMES else ARGUMENT_MAX


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenFrameError("a frame is not JSON") from None


def _valid(kind: TypeAdapter[Any], value: object, what: str) -> Any:
    try:
        return kind.validate_python(value, strict=True)
    except ValidationError:
        raise BrokenFrameError(f"{what} is malformed") from None


@cache
def _arguments_of(handler: Callable[..., object]) -> dict[str, tuple[TypeAdapter[Any], bool]]:
    """Return the parameters of an event handler by name: the type, and whether the argument is required."""
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
