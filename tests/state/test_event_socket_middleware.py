"""Limits of event websockets: connections, rates and log lines."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from reflex_base.registry import RegistrationContext
from starlette.types import Message, Receive, Scope, Send

from streaming_app import streaming_app
from streaming_app.state.account_forms import names_of_submit_events
from streaming_app.state.event_socket_middleware import PAGE_FAILURES_MAX, EventRates, EventSocketMiddleware
from streaming_app.state.log_limit import LINES_PER_ADDRESS, LogLimit
from streaming_app.state.login_form import LoginState
from tests.rig.conditions import until

ROOT = "reflex___state____state"
JOIN = "40/_event,"
LOOK = f"{ROOT}.hydrate_and_load"
PAGE_FAILED = (
    f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    {"info": "x is not a function", "component_stack": ""},
)
SIGN_IN = f"{LoginState.get_full_name()}.submit"
TABS, TABS_PER_ADDRESS = 5, 3


def event(name: str = LOOK, payload: object = None) -> str:
    return "42/_event," + json.dumps(["event", {"name": name, "payload": payload or {"vars": {}, "hashes": []}}])


class Clock:
    """A clock that ``sleep`` advances."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Socket:
    """The browser's end of a connection, and the frames that passed the middleware."""

    def __init__(self, frames: Iterable[str] = ()) -> None:
        self.passed: list[str] = []
        self.close_code = 0
        self.left = asyncio.Event()
        self._frames = iter([JOIN, *frames])

    async def receive(self) -> Message:
        frame = next(self._frames, None)
        if frame is None:
            await self.left.wait()
            return {"type": "websocket.disconnect", "code": 1000}
        return {"type": "websocket.receive", "text": frame}

    async def send(self, message: Message) -> None:
        self.close_code = message.get("code", 0)


class Site:
    """The middleware in front of an app that records what it receives."""

    def __init__(self, pace: EventRates) -> None:
        self.clock = Clock()
        handlers = RegistrationContext.get().event_handlers
        self.rank = 0
        self.forms: list[tuple[str, str]] = []
        """Address and cookies of each form."""
        forms = names_of_submit_events(handlers)
        self._sockets = EventSocketMiddleware(
            self._app, handlers, forms, self._rank_form, TABS, TABS_PER_ADDRESS, pace, self.clock, self.clock.sleep
        )
        self._by_scope: dict[int, Socket] = {}

    async def serve(self, socket: Socket, address: str = "192.0.2.1") -> None:
        scope: Scope = {
            "type": "websocket",
            "path": "/_event/",
            "query_string": b"token=abc",
            "headers": [(b"x-forwarded-for", f"10.0.0.1, {address}".encode()), (b"cookie", b"a=1")],
            "client": ("127.0.0.1", 5),
        }
        scope["test.socket"] = socket
        await self._sockets(scope, socket.receive, socket.send)

    def _rank_form(self, address: str, cookies: str) -> tuple[int]:
        self.forms.append((address, cookies))
        self.rank -= 1
        return (self.rank,)

    @asynccontextmanager
    async def open(self, address: str) -> AsyncGenerator[Socket]:
        socket = Socket()
        serving = asyncio.create_task(self.serve(socket, address))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        yield socket
        socket.left.set()
        await serving

    async def _app(self, scope: Scope, receive: Receive, _send: Send) -> None:
        socket = scope["test.socket"]
        while (message := await receive())["type"] == "websocket.receive":
            socket.passed.append(message["text"])


@pytest.fixture
def site() -> Site:
    assert streaming_app.app, "its import registers the events"
    return Site(EventRates(turn=timedelta()))


async def served(site: Site, frames: Iterable[str], address: str = "192.0.2.1") -> Socket:
    socket = Socket(frames)
    socket.left.set()
    await site.serve(socket, address)
    return socket


async def test_connections_are_limited_by_ipv4_address_and_ipv6_network(site: Site) -> None:
    async with site.open("2001:db8::1"), site.open("2001:db8::2"), site.open("2001:db8::3"):
        refused = await served(site, [], "2001:db8::4")
        other = await served(site, [], "2001:db8:0:1::1")

    assert (refused.close_code, refused.passed) == (1008, [])
    assert other.passed == [JOIN]
    await site.clock.sleep(1)
    assert (await served(site, [], "2001:db8::4")).passed == [JOIN]


async def test_connections_of_the_site_are_limited(site: Site) -> None:
    async with (
        site.open("192.0.2.1"),
        site.open("192.0.2.2"),
        site.open("192.0.2.3"),
        site.open("192.0.2.4"),
        site.open("192.0.2.5"),
    ):
        refused = await served(site, [], "192.0.2.6")

    assert refused.close_code == 1008


async def test_the_rate_of_new_connections_of_an_address_is_limited(site: Site) -> None:
    answers = [await served(site, []) for _ in range(TABS_PER_ADDRESS + 1)]
    assert [bool(socket.passed) for socket in answers] == [True] * TABS_PER_ADDRESS + [False]

    await site.clock.sleep(EventRates().opening_refill.total_seconds())

    assert (await served(site, [])).passed


async def test_events_above_the_rate_are_delayed_and_not_lost(site: Site) -> None:
    pace = EventRates()
    person = await served(site, [event()] * (pace.socket_burst - 1))
    assert site.clock.now == 0
    assert len(person.passed) == pace.socket_burst

    flood = await served(site, [event()] * (pace.socket_burst + 50), "192.0.2.2")

    assert len(flood.passed) == 1 + pace.socket_burst + 50
    assert site.clock.now == pytest.approx(50 * pace.socket_refill.total_seconds(), abs=0.1)


async def test_all_connections_of_an_address_share_a_rate() -> None:
    assert streaming_app.app
    site = Site(EventRates(address_burst=50, opening_refill=timedelta(milliseconds=1), turn=timedelta()))

    for _ in range(5):
        await served(site, [event()] * 20)
    waited = site.clock.now
    other = await served(site, [event()] * 20, "198.51.100.1")

    assert waited == pytest.approx(50 * EventRates().address_refill.total_seconds(), abs=0.1)
    assert (site.clock.now, len(other.passed)) == (waited, 21)


async def test_forms_of_all_pages_pass_slower_than_other_events_and_in_the_order_of_their_ranks() -> None:
    assert streaming_app.app
    site = Site(EventRates(turn=timedelta(), opening_refill=timedelta()))
    people = [Socket([event(SIGN_IN, {"form": {"login": "ann"}})]) for _ in range(3)]
    for socket in people:
        socket.left.set()
    arrived: list[Socket] = []

    async def send(socket: Socket, address: str) -> None:
        await site.serve(socket, address)
        arrived.append(socket)

    await asyncio.gather(*(send(socket, f"192.0.2.{number}") for number, socket in enumerate(people)))

    assert arrived == [people[0], people[2], people[1]]
    assert site.clock.now == pytest.approx(2 * EventRates().form_turn.total_seconds())
    assert site.forms == [(f"192.0.2.{number}", "a=1") for number in range(3)]


async def test_a_form_whose_name_is_written_with_escapes_ends_the_connection(site: Site) -> None:
    disguised = event(SIGN_IN, {"form": {}}).replace(".submit", ".s\\u0075bmit")
    socket = await served(site, [disguised])

    assert (socket.passed, socket.close_code) == ([JOIN], 1008)


async def test_failure_reports_of_a_page_are_limited_and_its_other_events_are_not(site: Site) -> None:
    socket = await served(site, [event(*PAGE_FAILED)] * 300 + [event()])

    assert len(socket.passed) == 1 + PAGE_FAILURES_MAX + 1
    assert socket.passed[-1] == event()


async def test_many_invalid_frames_of_one_address_are_summarised_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    limit = LogLimit(logging.getLogger("test"), "Event websockets that were closed", window_seconds=0.01)

    for _ in range(300):
        limit.warning("192.0.2.1", "An event websocket was closed: a frame is not JSON")
    limit.warning("192.0.2.2", "An event websocket was closed: a frame is binary")
    await until(lambda: caplog.messages[-1].startswith("Event websockets"), "the window ended")

    assert len(caplog.messages) == LINES_PER_ADDRESS + 2
    assert "280 more in the last 0.01 s, most of them from 192.0.2.1 (300)" in caplog.messages[-1]


async def test_log_lines_of_all_addresses_together_are_limited(caplog: pytest.LogCaptureFixture) -> None:
    limit = LogLimit(logging.getLogger("test"), "Broken", window_seconds=0.01)

    for number in range(1000):
        limit.warning(f"192.0.2.{number}", "broken")

    assert len(caplog.messages) == 100


async def test_a_new_window_allows_lines_again(caplog: pytest.LogCaptureFixture) -> None:
    limit = LogLimit(logging.getLogger("test"), "Broken", window_seconds=0.01)
    for _ in range(LINES_PER_ADDRESS + 1):
        limit.warning("192.0.2.1", "broken")
    await until(lambda: caplog.messages[-1].startswith("Broken: 1 more"), "the window ended")

    limit.warning("192.0.2.1", "broken again")

    assert caplog.messages[-1] == "broken again"
