"""Reflex's event websocket, used by clients that are no pages.

This file runs before the others that share the site, because their tests would cause lines in its log.
"""

import json
import re

import pytest
from picows import WSCloseCode, WSFrame, WSInvalidStatusError, WSListener, WSMsgType, WSTransport, ws_connect
from playwright.async_api import expect
from typing_extensions import override

from streaming_app.state.event_frame_validation import FRAME_MAX
from tests.e2e.conftest import NewPerson
from tests.rig.conditions import until
from tests.rig.ports import HOST
from tests.rig.site import Site

JOIN = b"40/_event,"
SECRET = "correct horse"
BROKEN = {
    "an empty frame": b"",
    "a word": SECRET.encode(),
    "half of an event": b'42/_event,["event",{',
    "brackets without end": b"42/_event," + b"[" * 60_000,
    "a frame longer than any of a page": b"4" + b"x" * FRAME_MAX,
    "an unknown event": b"42/_event," + json.dumps(["event", {"name": SECRET, "payload": {}}]).encode(),
    "no event at all": b"42/_event," + json.dumps(["event", SECRET]).encode(),
}


class Intruder(WSListener):
    """A client that joins, and records the close code when it is disconnected."""

    def __init__(self) -> None:
        self.has_joined = False
        self.close_code: WSCloseCode | None = None
        self.is_disconnected = False

    @override
    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_disconnected = True

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self.close_code = frame.get_close_code()
            transport.disconnect()
        elif frame.msg_type == WSMsgType.TEXT:
            self.has_joined |= frame.get_payload_as_bytes().startswith(JOIN)


def faults_since(site: Site, before: int) -> list[str]:
    """Return the lines that the site has logged after the first ``before`` characters.

    Lines of the level info are left out: they are about processes that have just started.
    """
    return [said for said in site.process.output()[before:].splitlines() if '"level": "info"' not in said]


async def intrude(site: Site, query: str = "token=abc&", origin: str | None = None) -> tuple[WSTransport, Intruder]:
    url = f"ws://{HOST}:{site.ports['HTTP_PORT']}/_event/?{query}EIO=4&transport=websocket"
    intruder = Intruder()
    transport, _ = await ws_connect(lambda: intruder, url, extra_headers={"Origin": origin or site.url})
    return transport, intruder


@pytest.mark.parametrize("what", BROKEN)
async def test_an_invalid_frame_closes_its_connection_and_logs_one_line(site: Site, what: str) -> None:
    before = len(site.process.output())
    transport, intruder = await intrude(site)
    transport.send(WSMsgType.TEXT, JOIN)
    await until(lambda: intruder.has_joined, "the intruder was in")

    transport.send(WSMsgType.TEXT, BROKEN[what])

    await until(lambda: intruder.close_code is not None, "it was thrown out")
    assert intruder.close_code == WSCloseCode.POLICY_VIOLATION
    [line] = faults_since(site, before)
    told = json.loads(line)
    assert (told["level"], told["logger"]) == ("warning", "streaming_app.state.event_socket_middleware")
    assert re.fullmatch(r"An event websocket was closed: .{5,100}", told["event"])
    assert SECRET not in line


async def test_the_server_closes_the_connection_of_a_frame_of_two_megabytes(site: Site) -> None:
    before = len(site.process.output())
    transport, intruder = await intrude(site)
    transport.send(WSMsgType.TEXT, JOIN)
    await until(lambda: intruder.has_joined, "the intruder was in")

    transport.send(WSMsgType.TEXT, b"4" + b"x" * 2_000_000)

    await until(lambda: intruder.is_disconnected, "it was thrown out")
    assert intruder.close_code in {WSCloseCode.MESSAGE_TOO_BIG, None}  # nginx may end before it has passed it on
    assert not faults_since(site, before)


@pytest.mark.parametrize("query", ["", "token=&", "token=../../etc&", f"token={'a' * 5000}&"])
async def test_a_handshake_without_a_tab_token_is_refused(site: Site, query: str) -> None:
    before = len(site.process.output())
    with pytest.raises(WSInvalidStatusError):
        await intrude(site, query)

    [line] = faults_since(site, before)
    assert json.loads(line)["event"] == "An event websocket was refused: its address names no tab"


@pytest.mark.parametrize(
    "origin", [f"http://{HOST}", f"http://{HOST}:1", f"https://{HOST}", "http://evil.example", "null"]
)
async def test_a_page_of_another_origin_is_refused(site: Site, origin: str) -> None:
    with pytest.raises(WSInvalidStatusError):
        await intrude(site, origin=origin)


async def test_pages_work_while_a_misbehaving_client_is_disconnected(
    site: Site, new_person: NewPerson, name: str
) -> None:
    person = await new_person()
    transport, intruder = await intrude(site)
    transport.send(WSMsgType.TEXT, b"x")
    await until(lambda: intruder.close_code is not None, "it was thrown out")

    await person.register_by_form(name)

    await expect(person.account_menu()).to_contain_text(name)
    assert "Traceback" not in site.process.output()


async def test_the_not_found_page_shows_the_signed_in_user(new_person: NewPerson, name: str) -> None:
    person = await new_person()
    await person.register(name)

    await person.go("/no/such/page")

    await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
    await expect(person.account_menu()).to_be_visible()
