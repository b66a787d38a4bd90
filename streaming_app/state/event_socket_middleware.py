"""ASGI middleware that protects Reflex's event websocket: limits connections and events, and rejects invalid frames.

Reflex, Socket.IO and Engine.IO log a traceback for an invalid frame, which may include the frame's content. Our pages
never send one. A client that does is disconnected, and the log gets one line without the content.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Collection, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from time import monotonic
from urllib.parse import parse_qs

from reflex.constants import Endpoint
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streaming_app.backend.client_addresses import LOOPBACK, client_address
from streaming_app.backend.connection_limits import ConnectionLimits
from streaming_app.backend.errors import RateLimitedError
from streaming_app.backend.rate_limit import RateLimit
from streaming_app.backend.recent_requests import RecentRequests
from streaming_app.state.event_frame_validation import (
    BrokenFrameError,
    EventFrameReader,
    Handlers,
    may_have_event,
)
from streaming_app.state.event_pacing import EventPacer
from streaming_app.state.log_limit import LogLimit

log = logging.getLogger(__name__)

POLICY_VIOLATION = 1008
"""WebSocket close code (RFC 6455, 7.4.1)."""
PAGE_FAILED = ".handle_frontend_exception"
"""Suffix of the event by which a page reports an error in its script."""
PAGE_FAILURES_MAX = 5
"""Maximum number of error reports of one connection."""

MEMORY_SECONDS = 10.0
"""How long an event of an address counts at least. The address with the fewest events comes first."""

_SHORTEST_WAIT_SECONDS = 0.001
_TOKEN = re.compile(r"[0-9A-Za-z-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventRates:
    """Rates at which events are read: a burst, then one in each interval. Faster events wait; none is lost."""

    socket_burst: int = 40
    socket_refill: timedelta = timedelta(milliseconds=100)
    address_burst: int = 1_000
    address_refill: timedelta = timedelta(milliseconds=5)
    turn: timedelta = timedelta(milliseconds=2.5)
    """Interval of the events of all pages, about twice the time that the process needs for one."""
    form_turn: timedelta = timedelta(milliseconds=20)
    """Interval of the forms of all pages that check or set a password. Hashing takes much longer."""
    opening_refill: timedelta = timedelta(milliseconds=100)
    """Interval of new connections from one address, after a burst of ``tabs_max_per_address``."""


class EventSocketMiddleware:
    """ASGI middleware around Reflex's app. It checks the event websocket and passes on everything else."""

    def __init__(
        self,
        app: ASGIApp,
        handlers: Handlers,
        forms: Collection[str],
        rank_form: Callable[[str, str], tuple[int, ...]],
        tabs_max: int,
        tabs_max_per_address: int,
        pace: EventRates | None = None,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        own_networks: Sequence[IPv4Network | IPv6Network] = LOOPBACK,
    ) -> None:
        """``forms`` are the names of events that check or set a password.

        ``rank_form`` gets the address and the cookies of a browser that sends one, and returns its place among those
        that wait: the smallest is the next.
        """
        pace = pace or EventRates()
        self._app = app
        self._handlers = handlers
        self._pace = pace
        self._clock = clock
        self._sleep = sleep
        self._own_networks = own_networks
        self._open = ConnectionLimits(tabs_max, tabs_max_per_address, per_account=0)
        self._openings = RateLimit(tabs_max_per_address, pace.opening_refill, clock, "Too many connections.")
        self._events = RateLimit(pace.address_burst, pace.address_refill, clock, "Too many events.")
        self._forms = forms
        self._rank_form = rank_form
        self._recent = RecentRequests(MEMORY_SECONDS, clock)
        self._pacer = EventPacer(pace.turn, clock, sleep)
        self._form_pacer = EventPacer(pace.form_turn, clock, sleep)
        self._ended = LogLimit(log, "Event websockets that were closed or refused")
        self._page_failures = LogLimit(log, "Failures that pages reported")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection. Close it before accepting it if it is rejected, or at its first invalid frame."""
        if scope["type"] != "websocket" or not scope["path"].startswith(str(Endpoint.EVENT)):
            await self._app(scope, receive, send)
            return
        address = _address(scope, self._own_networks)
        with self._count_connection(address) as has_room:
            refusal = await self._refusal(scope, address, has_room=has_room)
            if not refusal:
                await self._app(
                    scope, self._checked(address, Headers(scope=scope).get("cookie", ""), receive, send), send
                )
                return
        self._ended.warning(address, f"An event websocket was refused: {refusal}")
        await receive()
        await send({"type": "websocket.close", "code": POLICY_VIOLATION})

    @contextmanager
    def _count_connection(self, address: str) -> Generator[bool]:
        """Count a connection inside the block, and yield whether there is room for it."""
        was_full = self._open.is_full
        try:
            yield self._open.add(address) and not was_full
        finally:
            self._open.remove(address, "")

    async def _refusal(self, scope: Scope, address: str, *, has_room: bool) -> str:
        if not _has_tab_token(scope):
            return "its address names no tab"
        if not has_room:
            return "too many connections, from this address or in total"
        try:
            await self._openings.spend(address)
        except RateLimitedError:
            return "its address opens them too fast"
        return ""

    def _checked(self, address: str, cookies: str, receive: Receive, send: Send) -> Receive:
        """Wrap ``receive``: pass on only valid frames, no faster than the rates allow."""
        reader = EventFrameReader(self._handlers)
        own_events = RateLimit(self._pace.socket_burst, self._pace.socket_refill, self._clock, "Too many events.")
        failures = 0

        async def receive_sound() -> Message:
            nonlocal failures
            while True:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return message
                frame = message.get("bytes") or message.get("text") or ""
                if may_have_event(frame):  # it waits before it is parsed: hundreds may arrive at once
                    await self._wait_for_token(own_events, "")
                    await self._wait_for_token(self._events, address)
                    await self._wait_for_turn(frame, address, cookies)
                try:
                    event = reader.check(frame)
                except BrokenFrameError as broken:
                    self._ended.warning(address, f"An event websocket was closed: {broken}")
                    await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                    return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}
                if not event.endswith(PAGE_FAILED):
                    return message
                failures += 1
                if failures <= PAGE_FAILURES_MAX and self._page_failures.allows(address):
                    return message

        return receive_sound

    async def _wait_for_turn(self, frame: str, address: str, cookies: str) -> None:
        """Wait for other events. Those of the address with the fewest, and of several such the newest, come first."""
        if any(form in frame for form in self._forms):
            await self._form_pacer.wait(self._rank_form(address, cookies))
        else:
            events, number = self._recent.add(address)
            await self._pacer.wait((events, -number))

    async def _wait_for_token(self, limit: RateLimit, key: str) -> None:
        while True:
            try:
                await limit.spend(key)
            except RateLimitedError as too_fast:
                await self._sleep(max(too_fast.retry_after.total_seconds(), _SHORTEST_WAIT_SECONDS))
            else:
                return


def _address(scope: Scope, networks: Sequence[IPv4Network | IPv6Network]) -> str:
    peer = (scope.get("client") or ("", 0))[0]
    return client_address(peer, Headers(scope=scope).get("x-forwarded-for", ""), networks)


def _has_tab_token(scope: Scope) -> bool:
    [token] = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[:1]
    return _TOKEN.fullmatch(token) is not None
