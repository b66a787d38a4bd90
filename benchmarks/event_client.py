"""A client of the pages' event websocket, which submits forms as a browser does."""

import asyncio
import json
from collections.abc import Mapping
from enum import StrEnum
from uuid import uuid4

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from reflex.state import State
from reflex_base.constants import CompileVars

from streaming_app.state.account_forms import RegisterState
from streaming_app.state.login_form import LoginState
from tests.rig.ports import HOST

_JOIN, _SAY = b"40/_event,", "42/_event,"
LOGIN, REGISTER = LoginState.get_full_name(), RegisterState.get_full_name()
"""Full names of the states whose ``submit`` receives a form."""
_OPENED = f"{State.get_full_name()}.{CompileVars.HYDRATE_AND_LOAD}"
"""The event by which a page asks for its state when it has connected."""
_COMPLETE = f'"{CompileVars.IS_HYDRATED}_rx_state_":true'
"""Part of the frame with which the site has sent the state of a page."""

ANSWER_SECONDS = 30.0
"""Maximum time to wait for the answer to a form."""


class Outcome(StrEnum):
    """The answer to a submitted form."""

    DONE = "signed in"
    WRONG = "wrong password"
    LIMITED = "rate limited"
    BUSY = "busy"
    LOST = "connection lost"
    NONE = "no answer"
    OTHER = "other refusal"


_REFUSALS = {
    "Wrong username or password.": Outcome.WRONG,
    "Too many": Outcome.LIMITED,
    "The site is busy.": Outcome.BUSY,
}
"""Beginnings of error messages."""


class EventClient(WSListener):
    """One open page. It submits one form at a time."""

    def __init__(self) -> None:
        self._transport: WSTransport | None = None
        self._joined = asyncio.Event()
        self._join_frame = _JOIN
        self._joined_by = _JOIN.decode()
        """The frame of the site that starts with this ends ``open``, or the one that contains it."""
        self._answer: asyncio.Future[Outcome] | None = None
        self._form = ""
        self._is_pending = False
        """Whether the site has begun to handle the submitted form."""
        self._turn = asyncio.Lock()

    async def open(self, port: int, address: str, cookies: str = "", path: str = "") -> None:
        """Connect through the front door on ``port``, as a proxy would for a browser at ``address``.

        With ``path``, load the page of this path: return when its state has arrived.
        """
        if path:
            place = {"pathname": path, "asPath": path, "query": {}}
            event = {"name": _OPENED, "payload": {"vars": {}, "hashes": []}, "router_data": place}
            self._join_frame = _JOIN + json.dumps({"event": event}).encode()
            self._joined_by = _COMPLETE
        url = f"ws://{HOST}:{port}/_event/?token={uuid4()}&EIO=4&transport=websocket"
        headers = {"Origin": f"http://{HOST}:{port}", "X-Forwarded-For": address}
        await ws_connect(lambda: self, url, extra_headers={**headers, "Cookie": cookies} if cookies else headers)
        await self._joined.wait()

    async def submit(self, form: str, path: str, fields: Mapping[str, str]) -> Outcome:
        """Submit the form of a page, after the previous one was answered, and return the answer."""
        async with self._turn:
            return await self._submit(form, path, fields)

    async def _submit(self, form: str, path: str, fields: Mapping[str, str]) -> Outcome:
        if self._transport is None:
            return Outcome.LOST
        self._form, self._is_pending = form, False
        self._answer = asyncio.get_running_loop().create_future()
        place = {"pathname": path, "asPath": path, "query": {}}
        event = {"name": f"{form}.submit", "payload": {"form": dict(fields)}, "router_data": place}
        self._transport.send(WSMsgType.TEXT, f"{_SAY}{json.dumps(['event', event])}".encode())
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._answer
        except TimeoutError:
            return Outcome.NONE

    def close(self) -> None:
        """Disconnect."""
        if self._transport:
            self._transport.disconnect()

    def on_ws_connected(self, transport: WSTransport) -> None:
        """Join the namespace of the events."""
        self._transport = transport
        transport.send(WSMsgType.TEXT, self._join_frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:  # noqa: ARG002 - picows' signature
        """End a submission that has no answer."""
        self._transport = None
        self._settle(Outcome.LOST)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Answer pings, and find the answer to the submitted form in the frames of the site."""
        text = frame.get_payload_as_utf8_text() if frame.msg_type == WSMsgType.TEXT else ""
        if text == "2":
            transport.send(WSMsgType.TEXT, b"3")
        elif not self._joined.is_set() and self._joined_by in text:
            self._joined.set()
        elif text.startswith(_SAY) and self._answer:
            [_, update] = json.loads(text.removeprefix(_SAY))
            shown = update.get("delta", {}).get(self._form, {})
            messages = [message for message in shown.get("errors_rx_state_", {}).values() if message]
            self._is_pending |= shown.get("pending_rx_state_", False)
            if not self._is_pending:  # a late event of the previous form
                return
            if messages:
                self._settle(
                    next((o for start, o in _REFUSALS.items() if messages[0].startswith(start)), Outcome.OTHER)
                )
            elif update.get("events"):
                self._settle(Outcome.DONE)

    def _settle(self, outcome: Outcome) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result(outcome)
        self._answer = None
